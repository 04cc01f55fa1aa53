import { ApplicationFailure } from '@temporalio/common';
import {
  downloadPrefix,
  inputGoneFailure,
  type PrepareDownloadOutcome,
  type PreparedFile,
  type RecordDownloadOrder,
} from '#schema/domain';
import { Download, DownloadFile } from '#schema/entities';
import { StepProblem } from '../../engines/stepProblem.js';
import type { Storage } from '../../engines/storage/storage.js';
import { unlessStorageHangs } from '../../engines/storage/unlessStorageHangs.js';
import { canceledByPerson } from '../attemptStep.js';
import { isCanceled, isHeld } from '../jobRow.js';
import { onceCatalogueAnswers } from '../onceCatalogueAnswers.js';
import type { WorkerTools } from '../workerTools.js';
import { holdSource } from './downloadSource.js';
import { inDownloadStep, type DownloadScene } from './inDownloadStep.js';
import { requireDump } from './locateDump.js';
import { startMails } from './startMails.js';

/**
 * Records the files, and with them the success, all at once: before that nothing of it can be had. Then the mails are
 * begun; one that is not is begun by housekeeping.
 */
export async function recordDownload(
  tools: WorkerTools,
  order: RecordDownloadOrder,
): Promise<PrepareDownloadOutcome> {
  const { downloadId, files } = order;
  const downloads = tools.catalogue.getRepository(Download);
  const row = await onceCatalogueAnswers(() => downloads.findOneBy({ id: downloadId }));
  // What was recorded may not have been heard of.
  if (row?.status !== 'SUCCEEDED') {
    await inDownloadStep(tools, { downloadId, attempt: 1 }, 'record', async (scene) => {
      await unlessStorageHangs(tools.storage, tools.stallMs, (storage) =>
        requireStored(storage, scene, files),
      );
      await record(tools, scene, files);
    });
  }
  await startMails(tools, downloadId);
  return { downloadId, status: 'SUCCEEDED' };
}

/** What earlier steps made must still be there: clean-up after an earlier run’s failure may have removed it. */
async function requireStored(
  storage: Storage,
  { download, source }: DownloadScene,
  files: PreparedFile[],
): Promise<void> {
  const own = downloadPrefix(source.place, download.id);
  for (const { key, size } of files) {
    if (!key.startsWith(own)) await requireDump(storage, { key, size });
    else if ((await storage.stat(key))?.size !== size) {
      throw ApplicationFailure.nonRetryable(`The stored object ${key} is gone.`, inputGoneFailure);
    }
  }
  const kept = new Set(files.map(({ key }) => key));
  for await (const { key } of storage.list(own)) if (!kept.has(key)) await storage.remove(key);
}

async function record(
  { catalogue, downloadMs }: WorkerTools,
  { download, runId }: DownloadScene,
  files: PreparedFile[],
): Promise<void> {
  const { id } = download;
  await catalogue.transaction(async (manager) => {
    // The backup before the download, as whoever deletes a backup takes them.
    await holdSource(manager, download);
    const downloads = manager.getRepository(Download);
    const row = await downloads.findOneOrFail({ where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!isHeld(row, runId)) throw new StepProblem('INTERNAL', 'Another run has taken this download over');
    if (isCanceled(row)) throw canceledByPerson();
    await manager.getRepository(DownloadFile).delete({ downloadId: id });
    await manager
      .getRepository(DownloadFile)
      .insert(files.map(({ key, ...file }) => ({ downloadId: id, storageKey: key, ...file })));
    await downloads
      .createQueryBuilder()
      .update()
      .set({
        status: 'SUCCEEDED',
        failure: null,
        finishedAt: () => 'clock_timestamp()',
        expiresAt: () => `clock_timestamp() + interval '1 millisecond' * :downloadMs`,
        progress: {
          fraction: 1,
          secondsLeft: 0,
          doneBytes: () => 'COALESCE(progress_total_bytes, progress_done_bytes)',
        },
      })
      .where('id = :id', { id })
      .setParameters({ downloadMs })
      .execute();
  });
}
