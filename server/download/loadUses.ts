import type { DataSource, EntityManager } from 'typeorm';
import type { DownloadUse } from './downloadInputs.js';

const newest = 20;

/** What the audit log says of the newest uses of each of these downloads. */
export async function loadUses(
  catalogue: DataSource | EntityManager,
  downloadIds: readonly string[],
): Promise<DownloadUse[][]> {
  const rows = await catalogue.query<Array<{ id: string; at: Date; who: string; fileName: string }>>(
    `SELECT download.id, use.at, coalesce(use.email, 'open link') AS who, use.details->>'file' AS "fileName"
     FROM unnest($1::uuid[]) AS download (id)
     CROSS JOIN LATERAL (
       SELECT * FROM audit_log
       WHERE noun = 'Download' AND subject_id = download.id AND deed = 'download'
       ORDER BY at DESC LIMIT ${newest}) AS use
     ORDER BY use.at DESC`,
    [[...new Set(downloadIds)]],
  );
  return downloadIds.map((id) => rows.filter((row) => row.id === id));
}
