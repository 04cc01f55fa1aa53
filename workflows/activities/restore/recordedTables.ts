import type { DatabasePartDocument } from '#schema/domain';
import { gunzippedLines } from '../../engines/media/restore/gunzippedLines.js';
import type { WorkerTools } from '../workerTools.js';

/** What a table held when the backup was made. */
export interface RecordedTable {
  table: string;
  rows: number;
  /** Hex; null where none was recorded. */
  sha256: string | null;
}

/** What each table held when the backup was made; null of backups of the first releases, which do not say so. */
export function recordedTables(
  { storage }: WorkerTools,
  { tableList }: DatabasePartDocument,
  signal: AbortSignal,
): AsyncIterable<RecordedTable> | null {
  if (!tableList) return null;
  const what = 'The stored list of tables';
  return parsed(gunzippedLines({ storage, key: tableList.key, sha256: tableList.sha256, what, signal }));
}

async function* parsed(pieces: AsyncIterable<string[]>): AsyncGenerator<RecordedTable> {
  for await (const lines of pieces) {
    for (const line of lines) if (line) yield JSON.parse(line) as RecordedTable;
  }
}
