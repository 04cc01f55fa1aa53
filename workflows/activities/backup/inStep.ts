import { ApplicationFailure } from '@temporalio/common';
import { alreadySealedFailure } from '#schema/domain';
import type { Backup, Environment } from '#schema/entities';
import { StepProblem } from '../../engines/stepProblem.js';
import { attemptStep, canceledByPerson, type Attempt } from '../attemptStep.js';
import { claimRow } from './backupRow.js';
import { beginAttempt, type JobRow } from '../jobRow.js';
import { onceCatalogueAnswers } from '../onceCatalogueAnswers.js';
import type { WorkerTools } from '../workerTools.js';

/** What a step of a backup works with; progress is in bytes of the source. */
export interface Scene extends Attempt {
  backup: Backup;
  environment: Environment;
  /** `<run>-<attempt>`: where this attempt’s objects lie. */
  mark: string;
}

/** Which step of which backup. */
interface StepStart {
  backupId: string;
  step: string;
  attempt: number;
}

/** Runs one attempt of a backup’s step with its row held. */
export async function inStep<Result>(
  tools: WorkerTools,
  { backupId, step, attempt }: StepStart,
  work: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  const row: JobRow = { table: 'backups', id: backupId };
  const begin = async (runId: string) => {
    const claimed = await onceCatalogueAnswers(() => claimRow(tools.catalogue, backupId, runId));
    if (!claimed) throw new StepProblem('BACKUP_GONE', 'The backup’s record was deleted');
    if (claimed.sealed)
      throw ApplicationFailure.nonRetryable('This backup is sealed already', alreadySealedFailure);
    if (claimed.canceled) throw canceledByPerson();
    if (claimed.environment.deletedAt)
      throw new StepProblem('DESTINATION_GONE', 'The environment was deleted');
    if (attempt > 1) {
      await beginAttempt(tools.catalogue, row, runId, step);
      // Before a byte moves: what a storage that is away took in at first must not count as progress.
      await tools.storage.probe();
    }
    return { ...claimed, runId };
  };
  return attemptStep(tools, { row, step, attempt }, begin, ({ backup, environment, runId }, attempted) =>
    work({ ...attempted, backup, environment, mark: `${runId}-${attempt}` }),
  );
}
