/** A remark of a connection test. */
export interface Finding {
  code: string;
  message: string;
}

/** The remarks that belong to one input, as one text; `prefix` is how their codes begin. */
export function findingsOf(findings: readonly Finding[], prefix: 'DATABASE_' | 'MEDIA_'): string {
  return inWords(findings.filter((each) => each.code.startsWith(prefix)));
}

/** What belongs to neither the database nor the media, e.g. the storage. */
export function otherFindings(findings: readonly Finding[]): string {
  return inWords(findings.filter((each) => !/^(DATABASE|MEDIA)_/.test(each.code)));
}

/** The sentence alone: the name of the input before it is for programs. */
export function sentenceOf({ message }: Finding): string {
  return message.replace(/^(databaseUrl|media(\.\w+)*): /, '');
}

function inWords(findings: readonly Finding[]): string {
  return findings.map(sentenceOf).join(' ');
}
