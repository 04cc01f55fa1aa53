import { minuteInWords } from '#schema/domain';
import type { MailFacts } from './mailFacts.js';
import { htmlOf } from './mailHtml.js';
import { inOneLine, sentencesOf, sizeInWords, type MailSentences } from './mailSentences.js';

/** A mail in words. */
export interface MailWords {
  subject: string;
  text: string;
  html: string;
}

/** The mail that tells of a download. Its only secrets are open links, where they are on. */
export function mailWords(facts: MailFacts): MailWords {
  const sentences = sentencesOf(facts);
  const when = facts.takenAt ? `, ${minuteInWords(facts.takenAt)}` : '';
  return {
    subject: inOneLine(`Download ready: ${facts.project} / ${facts.environment}${when}`),
    text: textOf(sentences, facts),
    html: htmlOf(sentences, facts),
  };
}

function textOf(words: MailSentences, { files, page }: MailFacts): string {
  const width = Math.max(...words.facts.map(([label]) => label.length)) + 2;
  const facts = words.facts.map(([label, value]) => {
    const indented = value.split(/\r\n|[\r\n\u2028\u2029]/).join(`\n${' '.repeat(width)}`);
    return `${`${label}:`.padEnd(width)}${indented}`;
  });
  const listed = files.map(({ name, size, sha256, link }) =>
    [name, sizeInWords(size), `SHA-256: ${sha256}`, link].join('\n'),
  );
  const uses = words.uses.flatMap(({ command, remark }) => [command, `  ${remark}`]);
  return [
    words.hello,
    words.ready,
    facts.join('\n'),
    ...listed,
    `${words.until} ${words.access}`,
    `How to use ${files.length === 1 ? 'it' : 'them'}:\n${uses.join('\n')}`,
    `${words.again} ${page}`,
  ]
    .join('\n\n')
    .concat('\n');
}
