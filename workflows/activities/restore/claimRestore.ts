import { ApplicationFailure } from '@temporalio/common';
import { describeFailure, type RestoreBackupOrder, type RestoreClaim } from '#schema/domain';
import { Project } from '#schema/entities';
import { StepProblem } from '../../engines/stepProblem.js';
import { runOfThisActivity } from '../attemptStep.js';
import type { WorkerTools } from '../workerTools.js';
import { claimRestoreRow, type ClaimedRestore } from './restoreRow.js';

/** Takes the row for this run and answers what is to be done. */
export async function claimRestore(
  tools: WorkerTools,
  { restoreId }: RestoreBackupOrder,
): Promise<RestoreClaim> {
  const ranIn = runOfThisActivity();
  const { restore, environment, done, canceled, again } = await claim(tools, restoreId, ranIn);
  const project = await tools.catalogue.getRepository(Project).findOneByOrFail({ id: restore.projectId });
  return {
    ranIn,
    alreadyDone: done ? { restoreId, status: 'SUCCEEDED' } : null,
    canceled,
    again,
    way: restore.way,
    contents: restore.contents,
    safety: restore.wantsSafetyBackup && restore.way === 'BACKUP',
    outagePatienceMs: tools.outagePatienceMs,
    where: `${project.slug}/${environment.slug}`,
  };
}

/** What cannot be claimed ends the run: nothing was begun. */
async function claim(tools: WorkerTools, restoreId: string, runId: string): Promise<ClaimedRestore> {
  try {
    const claimed = await claimRestoreRow(tools.catalogue, restoreId, runId);
    if (claimed) return claimed;
    throw new StepProblem('INTERNAL', 'The restore’s record was deleted');
  } catch (error: unknown) {
    if (!(error instanceof StepProblem)) throw error;
    const { message } = describeFailure(error.code, 'starting', error.message, error.remedy);
    throw ApplicationFailure.nonRetryable(message, error.code);
  }
}
