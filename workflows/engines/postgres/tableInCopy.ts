/** Reads `COPY schema.table …` and answers `"schema"."table"`, both quoted whether they need it or not. */
export function tableInCopy(statement: Buffer): string {
  // Byte for byte, so that names in any server encoding can be taken apart.
  const text = statement.toString('latin1');
  const schema = nameAt(text, 'COPY '.length);
  const table = nameAt(text, schema.end + 1);
  return inUtf8(`${schema.quoted}.${table.quoted}`);
}

function nameAt(text: string, from: number): { quoted: string; end: number } {
  if (text[from] !== '"') {
    const plain = /[^.\s(]*/y;
    plain.lastIndex = from;
    const name = plain.exec(text)?.[0] ?? '';
    return { quoted: `"${name}"`, end: from + name.length };
  }
  const inQuotes = /"(?:[^"]|"")*"/y;
  inQuotes.lastIndex = from;
  const quoted = inQuotes.exec(text)?.[0] ?? '""';
  return { quoted, end: from + quoted.length };
}

/** Names are shown as UTF-8 where they are, else byte for byte, so that no two fall together. */
export function inUtf8(latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1');
  const text = bytes.toString('utf8');
  return text.includes('\uFFFD') ? latin1 : text;
}
