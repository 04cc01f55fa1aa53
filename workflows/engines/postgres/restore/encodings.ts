/** How the names of PostgreSQL’s encodings are spelled on the web, where more than the case differs. */
const spellings: ReadonlyArray<readonly [RegExp, string]> = [
  [/^LATIN([1-4])$/, 'iso-8859-$1'],
  [/^LATIN5$/, 'iso-8859-9'],
  [/^LATIN6$/, 'iso-8859-10'],
  [/^LATIN7$/, 'iso-8859-13'],
  [/^LATIN8$/, 'iso-8859-14'],
  [/^LATIN9$/, 'iso-8859-15'],
  [/^LATIN10$/, 'iso-8859-16'],
  [/^ISO_8859_(\d+)$/, 'iso-8859-$1'],
  [/^WIN866$/, 'ibm866'],
  [/^WIN(\d+)$/, 'windows-$1'],
  [/^KOI8([RU])$/, 'koi8-$1'],
  [/^EUC_(JP|KR)$/, 'euc-$1'],
  [/^EUC_CN$/, 'gb18030'],
];

/** Makes texts of bytes, given each as a character, by the encoding of a dump; one that is not known is read as UTF-8. */
export function decoderOf(encoding: string): (latin1: string) => string {
  const found = spellings.find(([pattern]) => pattern.test(encoding));
  const decoder = new TextDecoder(found ? encoding.replace(found[0], found[1]).toLowerCase() : 'utf-8');
  return (latin1) => (/^\p{ASCII}*$/u.test(latin1) ? latin1 : decoder.decode(Buffer.from(latin1, 'latin1')));
}
