import { ApplicationFailure } from '@temporalio/common';
import type { BackupClaim, CreateBackupOrder } from '#schema/domain';
import { Project } from '#schema/entities';
import { claimRow } from './backupRow.js';
import { runOfThisActivity } from '../attemptStep.js';
import type { WorkerTools } from '../workerTools.js';

/** Takes the row for this run and answers what is to be done. */
export async function claimBackup(tools: WorkerTools, { backupId }: CreateBackupOrder): Promise<BackupClaim> {
  const ranIn = runOfThisActivity();
  const claimed = await claimRow(tools.catalogue, backupId, ranIn);
  if (!claimed) throw ApplicationFailure.nonRetryable('The backup’s record was deleted.', 'BACKUP_GONE');
  const { backup, environment, sealed, canceled, again, waitsFor } = claimed;
  const project = await tools.catalogue.getRepository(Project).findOneByOrFail({ id: backup.projectId });
  return {
    ranIn,
    alreadySealed: sealed ? { backupId, status: 'SUCCEEDED', totalSize: backup.totalSize } : null,
    canceled,
    again,
    contents: backup.contents,
    outagePatienceMs: tools.outagePatienceMs,
    where: `${project.slug}/${environment.slug}`,
    waitsFor,
  };
}
