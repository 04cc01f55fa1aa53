import type { Content } from '#schema/domain';

interface PreparedFile {
  content: Content;
  name: string;
  sha256: string;
}

/** A word of a POSIX shell: names of files of old backups may hold anything. */
function word(text: string): string {
  return /^[\w./:@=-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** How a file is checked and used by tools that everybody has, each with what it does. */
export function commandsFor({ content, name, sha256 }: PreparedFile): { does: string; line: string }[] {
  const file = word(name);
  const check = {
    does: 'Check that it is whole',
    line: `echo '${sha256}  ${name.replaceAll("'", `'\\''`)}' | sha256sum -c`,
  };
  if (content === 'DATABASE') {
    return [
      check,
      { does: 'See what it holds', line: `pg_restore --list ${file}` },
      {
        does: 'Restore it into an empty database',
        line: `pg_restore --no-owner --no-privileges --exit-on-error --dbname=NAME ${file}`,
      },
    ];
  }
  return [
    check,
    { does: 'See what it holds', line: `tar -tf ${file}` },
    { does: 'Unpack it here; the files come under media/', line: `tar -xf ${file}` },
  ];
}

/** Fetches a file, and goes on where an earlier try was cut off. */
export function curlLine(url: string, name: string): string {
  return `curl --fail --location --continue-at - --output ${word(name)} '${url}'`;
}
