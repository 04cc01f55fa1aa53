import { readContents, withOwner, type ArchiveContents } from './archiveContents.js';
import { ArchiveFile } from './archiveFile.js';
import { grantStatements, rolesIn } from './grants.js';

/** What a dump holds, as far as restoring it elsewhere depends on it. */
export interface ArchiveFacts {
  /** Of the server that was dumped, e.g. `15.18`. */
  serverVersion: string;
  major: number;
  /** Of the pg_dump that made it. */
  dumpVersion: string;
  /** E.g. `UTF8`. */
  encoding: string;
  collate: string | null;
  ctype: string | null;
  extensions: string[];
  /** Roles that own something in it. */
  owners: string[];
  /** Roles that grants in it name. */
  grantees: string[];
  tablespaces: string[];
  /** Tables with rows of their own, also where they have none. */
  tables: number;
  /** Entries in its table of contents. */
  objects: number;
  /** Of the file, in bytes. */
  sizeBytes: number;
}

/** Looks at the table of contents of a dump on the local disk. */
export async function readArchiveFacts(order: { file: string; signal: AbortSignal }): Promise<ArchiveFacts> {
  return ArchiveFile.with(order.file, order.signal, async (file) =>
    factsOf(await readContents(file), file.size),
  );
}

/** The same of contents that have been read. */
export function factsOf(contents: ArchiveContents, sizeBytes: number): ArchiveFacts {
  const { entries, serverVersion, dumpVersion, encoding } = contents;
  const namesOf = (kind: string) => entries.filter((entry) => entry.kind === kind).map(({ name }) => name);
  const created = entries.find(({ kind }) => kind === 'DATABASE')?.definition ?? '';
  const localeOf = (word: string) => literalAfter(created, word) ?? literalAfter(created, 'LOCALE');
  return {
    serverVersion,
    major: Number.parseInt(serverVersion, 10),
    dumpVersion,
    encoding,
    collate: localeOf('LC_COLLATE'),
    ctype: localeOf('LC_CTYPE'),
    extensions: namesOf('EXTENSION'),
    owners: unique(entries.filter(({ kind }) => withOwner.test(kind)).map(({ owner }) => owner)),
    grantees: unique(grantStatements(entries).flatMap(rolesIn)),
    tablespaces: unique(
      entries.filter(({ kind }) => kind !== 'DATABASE').map(({ tablespace }) => tablespace),
    ),
    tables: namesOf('TABLE DATA').length,
    objects: entries.length,
    sizeBytes,
  };
}

/** The value of `WORD = '…'` in a CREATE DATABASE. */
function literalAfter(statement: string, word: string): string | null {
  const found = new RegExp(`\\s${word} = '((?:[^']|'')*)'`).exec(statement);
  return found?.[1]?.replaceAll("''", "'") ?? null;
}

function unique(names: string[]): string[] {
  return [...new Set(names)].filter((name) => name !== '').sort();
}
