import { bytesInWords, minuteInWords, type Content, type Stage } from '#schema/domain';
import type { MailFacts, MailedFile } from './mailFacts.js';

/** The sentences of a mail, of which its text and its HTML are made. */
export interface MailSentences {
  hello: string;
  ready: string;
  /** Labels and values, in order. */
  facts: Array<[label: string, value: string]>;
  until: string;
  access: string;
  /** What to do with the files, one for each kind. */
  uses: Array<{ command: string; remark: string }>;
  again: string;
}

/** A size for people and for programs, e.g. `74.6 MiB (78,217,216 bytes)`. */
export function sizeInWords(bytes: number): string {
  const exact = `${bytes.toLocaleString('en-US')} ${bytes === 1 ? 'byte' : 'bytes'}`;
  return bytes < 1024 ? exact : `${bytesInWords(bytes)} (${exact})`;
}

/** Says what a mail has to say. */
export function sentencesOf(facts: MailFacts): MailSentences {
  const { stage, takenAt, commit, files, expiresAt, isOpen } = facts;
  const isOne = files.length === 1;
  const until = minuteInWords(expiresAt);
  const note = facts.note.trim();
  const optional = (label: string, value: string | null): Array<[string, string]> =>
    value ? [[label, value]] : [];
  return {
    hello: `Hello ${inOneLine(facts.name)},`,
    ready: `the ${isOne ? 'file that you asked for is' : 'files that you asked for are'} ready to download.`,
    facts: [
      ['Project', inOneLine(facts.project)],
      ['Environment', environmentInWords(inOneLine(facts.environment), stage)],
      ...optional('Backup of', takenAt && minuteInWords(takenAt)),
      ...optional('Note', note),
      ...optional('Commit', commit),
    ],
    until: `The ${isOne ? 'link works' : 'links work'} until ${until}.`,
    access: isOpen
      ? `Whoever has the ${isOne ? 'link can have the file' : 'links can have the files'}, without signing in: keep this mail to yourself.`
      : `${isOne ? 'It asks' : 'They ask'} you to sign in to Holdfast, and ${isOne ? 'works' : 'work'} only for members of the project who may download.`,
    uses: files.map(useOf),
    again: 'The download in Holdfast:',
  };
}

/** A name as one line, whatever it holds. */
export function inOneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** One that is called as its label is not said twice. */
function environmentInWords(name: string, stage: Stage): string {
  const label = stage === 'LIVE' ? 'Live' : 'Test';
  return name === label ? label : `${name} (${label})`;
}

const remarks: Record<Content, string> = {
  DATABASE: 'restores the database into NAME, an empty database.',
  MEDIA: 'unpacks the media; its first entry, manifest.jsonl, lists what is in it.',
};

function useOf({ name, content }: MailedFile): { command: string; remark: string } {
  const restore = `pg_restore --no-owner --no-privileges --exit-on-error --dbname=NAME ${name}`;
  return { command: content === 'DATABASE' ? restore : `tar -xf ${name}`, remark: remarks[content] };
}
