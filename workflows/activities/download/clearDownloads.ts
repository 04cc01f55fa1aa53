import { downloadPrefix } from '#schema/domain';
import { Download } from '#schema/entities';
import { unlessStorageHangs } from '../../engines/storage/unlessStorageHangs.js';
import type { WorkerTools } from '../workerTools.js';

const most = 20;

/** Somebody who joined at the last moment has made it stay by then. */
const isOver = `(download.status = 'SUCCEEDED' AND
  (download.expires_at < now() - interval '10 seconds' OR download.revoked_at IS NOT NULL))`;
/** Whatever was still at work has heard by then that it is over. */
const hasEnded = `(download.status IN ('FAILED', 'CANCELED') AND download.run_id IS NOT NULL
  AND download.updated_at < now() - interval '20 seconds')`;

const mayBeCleared = `download.cleared_at IS NULL AND (${isOver} OR ${hasEnded})`;

/** Removes the files of downloads that have expired or were revoked, and what runs left that were ended in Temporal. */
export async function clearDownloads(tools: WorkerTools, stop: AbortSignal): Promise<void> {
  const over = await tools.catalogue
    .getRepository(Download)
    .createQueryBuilder('download')
    .where(mayBeCleared)
    // Those that cannot be cleared now keep nobody else waiting for long.
    .orderBy('random()')
    .take(most)
    .getMany();
  for (const download of over) {
    if (stop.aborted) return;
    try {
      await clear(tools, download);
    } catch (error: unknown) {
      tools.log.warn(
        { download: download.id, error: String(error) },
        'the files of a download could not be removed',
      );
    }
  }
}

async function clear({ catalogue, storage, stallMs }: WorkerTools, download: Download): Promise<void> {
  const { id } = download;
  const stands = async () => {
    const rows = await catalogue.query<unknown[]>(
      `SELECT FROM downloads download WHERE id = $1 AND ${mayBeCleared}`,
      [id],
    );
    return rows.length > 0;
  };
  await unlessStorageHangs(storage, stallMs, async (asked) => {
    const keys: string[] = [];
    for await (const { key } of asked.list(downloadPrefix(download, id))) keys.push(key);
    // Looked at after the list: what a run that has begun meanwhile writes is not on it.
    if (!(await stands())) return;
    for (const key of keys) await asked.remove(key);
  });
  await catalogue.query(
    `UPDATE downloads download SET cleared_at = clock_timestamp() WHERE id = $1 AND ${mayBeCleared}`,
    [id],
  );
}
