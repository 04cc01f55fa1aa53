import { ApplicationFailure } from '@temporalio/common';
import { describeFailure, type DownloadClaim, type PrepareDownloadOrder } from '#schema/domain';
import { runOfThisActivity } from '../attemptStep.js';
import type { WorkerTools } from '../workerTools.js';
import { claimDownloadRow } from './downloadRow.js';

/** Takes the row for this run and answers what is to be done. */
export async function claimDownload(
  tools: WorkerTools,
  { downloadId }: PrepareDownloadOrder,
): Promise<DownloadClaim> {
  const ranIn = runOfThisActivity();
  const claimed = await claimDownloadRow(tools.catalogue, downloadId, ranIn);
  if (!claimed) {
    const { message } = describeFailure('INTERNAL', 'starting', 'The download’s record was deleted');
    throw ApplicationFailure.nonRetryable(message, 'INTERNAL');
  }
  const { download, project, environment, done, canceled, again } = claimed;
  return {
    ranIn,
    alreadyDone: done ? { downloadId, status: 'SUCCEEDED' } : null,
    canceled,
    again,
    contents: download.contents,
    outagePatienceMs: tools.outagePatienceMs,
    where: `${project.slug}/${environment.slug}`,
  };
}
