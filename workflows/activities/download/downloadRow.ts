import type { DataSource } from 'typeorm';
import { Download, Environment, Project } from '#schema/entities';
import { isCanceled, isHeld, takenBy } from '../jobRow.js';

/** What claiming a download’s row found. */
export interface ClaimedDownload {
  download: Download;
  project: Project;
  /** Where the backup is of. */
  environment: Environment;
  done: boolean;
  canceled: boolean;
  /** Whether an earlier run had the row, or a person asked to run it again. */
  again: boolean;
}

/**
 * Takes a download’s row for a run: RUNNING, with nothing done yet. What has succeeded stays as it is. Taking it twice for the
 * same run changes nothing.
 */
export async function claimDownloadRow(
  catalogue: DataSource,
  downloadId: string,
  runId: string,
): Promise<ClaimedDownload | null> {
  return catalogue.transaction(async (manager) => {
    const downloads = manager.getRepository(Download);
    const download = await downloads.findOne({
      where: { id: downloadId },
      lock: { mode: 'pessimistic_write' },
    });
    if (!download) return null;
    const found = {
      download,
      project: await manager.findOneByOrFail(Project, { id: download.projectId }),
      environment: await manager.findOneByOrFail(Environment, { id: download.environmentId }),
      done: download.status === 'SUCCEEDED',
      canceled: isCanceled(download),
      again: download.retryRequestedAt !== null || (download.runId !== null && download.runId !== runId),
    };
    if (found.done || isHeld(download, runId)) return found;
    await downloads
      .createQueryBuilder()
      .update()
      .set({ ...takenBy(download, runId), clearedAt: null })
      .where('id = :id', { id: downloadId })
      .execute();
    return { ...found, download: await downloads.findOneByOrFail({ id: downloadId }) };
  });
}
