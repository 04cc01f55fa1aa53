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

/** Under the row’s lock: a run that takes the download over waits, and finds out then that its objects are gone. */
async function clear({ catalogue, storage, stallMs }: WorkerTools, download: Download): Promise<void> {
  const { id } = download;
  await catalogue.transaction(async (manager) => {
    const rows = await manager.query<unknown[]>(
      `SELECT FROM downloads download WHERE id = $1 AND ${mayBeCleared} FOR UPDATE`,
      [id],
    );
    if (rows.length === 0) return;
    await unlessStorageHangs(storage, stallMs, (asked) => asked.remove(downloadPrefix(download, id)));
    await manager.query('UPDATE downloads SET cleared_at = clock_timestamp() WHERE id = $1', [id]);
  });
}
