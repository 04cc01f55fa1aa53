import { downloadPrefix, type PrepareDownloadOutcome, type SettleDownloadOrder } from '#schema/domain';
import { Download } from '#schema/entities';
import { unlessStorageHangs } from '../../engines/storage/unlessStorageHangs.js';
import { runOfThisActivity } from '../attemptStep.js';
import type { WorkerTools } from '../workerTools.js';

const tries = 3;

/**
 * Removes everything that was prepared, then records how it ended. A clean-up that fails never changes what happened: what is
 * left is removed by the next run or by housekeeping. Answers where the download proves to be prepared.
 */
export async function cleanUpDownload(
  tools: WorkerTools,
  order: SettleDownloadOrder,
): Promise<PrepareDownloadOutcome | null> {
  const runId = runOfThisActivity();
  const downloads = tools.catalogue.getRepository(Download);
  const download = await downloads.findOneBy({ id: order.downloadId });
  if (!download) return null;
  const { id } = download;
  if (!(await fence(tools, order, runId))) {
    const isDone = await downloads.existsBy({ id, status: 'SUCCEEDED' });
    return isDone ? { downloadId: id, status: 'SUCCEEDED' } : null;
  }
  const isClear = await removeAll(tools, download);
  // Replayed in a later run, the failure is that of the run before: recording it would undo the replay.
  if (order.claimedIn !== runId) return null;
  await downloads
    .createQueryBuilder()
    .update()
    .set({
      status: order.failure ? 'FAILED' : 'CANCELED',
      failure: order.failure,
      finishedAt: () => 'clock_timestamp()',
      clearedAt: isClear ? () => 'clock_timestamp()' : null,
      progress: { phase: download.progress.phase, bytesPerSecond: null, secondsLeft: null },
    })
    .where(`id = :id AND run_id = :runId AND status <> 'SUCCEEDED'`, { id, runId })
    .execute();
  return null;
}

/** From here on no attempt that comes back late can report or record. */
async function fence(
  { catalogue }: WorkerTools,
  { downloadId: id, claimedIn }: SettleDownloadOrder,
  runId: string,
): Promise<boolean> {
  const { affected } = await catalogue
    .createQueryBuilder()
    .update(Download)
    .set({ progress: { phase: 'cleaning' } })
    .where(`id = :id AND status <> 'SUCCEEDED' AND run_id IN (:...runs)`, { id, runs: [runId, claimedIn] })
    .execute();
  return affected === 1;
}

async function removeAll(tools: WorkerTools, download: Download): Promise<boolean> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    try {
      await unlessStorageHangs(tools.storage, tools.stallMs, (storage) =>
        storage.remove(downloadPrefix(download, download.id)),
      );
      return true;
    } catch (error: unknown) {
      tools.log.warn(
        { download: download.id, attempt, error: String(error) },
        'could not clean up after a download',
      );
      await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
    }
  }
  return false;
}
