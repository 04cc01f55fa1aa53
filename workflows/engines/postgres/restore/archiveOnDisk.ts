import { readContents, type ArchiveContents } from './archiveContents.js';
import { ArchiveFile } from './archiveFile.js';
import type { ExpectedTable } from './compareTables.js';
import { factsOf, type ArchiveFacts } from './readArchive.js';

/** A dump on the local disk that is about to be restored. */
export interface ArchiveOnDisk {
  file: string;
  contents: ArchiveContents;
  facts: ArchiveFacts;
  /** By `"schema"."table"`; null where the backup does not say. */
  expectedRows: ReadonlyMap<string, number> | null;
}

/** What a backup recorded of its tables, in any order; null where it did not. */
export type ExpectedTables = AsyncIterable<ExpectedTable> | Iterable<ExpectedTable> | null;

/** Reads the head of a dump, and what is expected of its tables. */
export async function openArchive(
  file: string,
  expected: ExpectedTables,
  signal: AbortSignal,
): Promise<ArchiveOnDisk> {
  return ArchiveFile.with(file, signal, async (opened) => {
    const contents = await readContents(opened);
    return {
      file,
      contents,
      facts: factsOf(contents, opened.size),
      expectedRows: expected && (await rowsOf(expected)),
    };
  });
}

async function rowsOf(expected: NonNullable<ExpectedTables>): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  for await (const table of expected) rows.set(table.table, table.rows);
  return rows;
}
