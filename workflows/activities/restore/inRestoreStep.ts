import { ApplicationFailure } from '@temporalio/common';
import { alreadySealedFailure, type RestoreStepOrder } from '#schema/domain';
import type { Environment, Restore } from '#schema/entities';
import { StepProblem } from '../../engines/stepProblem.js';
import { attemptStep, canceledByPerson } from '../attemptStep.js';
import { beginAttempt, enterPhase, type JobRow } from '../jobRow.js';
import { onceCatalogueAnswers } from '../onceCatalogueAnswers.js';
import type { WorkerTools } from '../workerTools.js';
import { shareOf, type RestoreStepName } from './restoreProgress.js';
import { claimRestoreRow } from './restoreRow.js';
import { sourcePartsOf, type SourceParts } from './sourceParts.js';

/** What a step of a restore works with. */
export interface RestoreScene {
  restore: Restore;
  /** The destination. */
  environment: Environment;
  /** What is restored. */
  source: SourceParts;
  runId: string;
  /** `<run>-<attempt>`: what tells this attempt’s staged things from others’. */
  mark: string;
  signal: AbortSignal;
  /** How much of this step is done, 0 to 1. */
  onShare: (share: number) => void;
}

/** Runs one attempt of a restore’s step with its row held. */
export async function inRestoreStep<Result>(
  tools: WorkerTools,
  { restoreId, attempt, inPlace = false }: RestoreStepOrder,
  step: RestoreStepName,
  work: (scene: RestoreScene) => Promise<Result>,
): Promise<Result> {
  const row: JobRow = { table: 'restores', id: restoreId };
  const begin = async (runId: string) => {
    const claimed = await onceCatalogueAnswers(() => claimRestoreRow(tools.catalogue, restoreId, runId));
    if (!claimed) throw new StepProblem('INTERNAL', 'The restore’s record was deleted');
    if (claimed.done)
      throw ApplicationFailure.nonRetryable('This restore is done already', alreadySealedFailure);
    if (claimed.canceled && step !== 'switch') throw canceledByPerson();
    if (claimed.environment.deletedAt)
      throw new StepProblem('DESTINATION_GONE', 'The destination was deleted');
    if (attempt > 1) await beginAttempt(tools.catalogue, row, runId, step);
    else await enterPhase(tools.catalogue, row, runId, step);
    const source = await sourcePartsOf(tools.catalogue, claimed.restore);
    return { ...claimed, source, runId };
  };
  return attemptStep(
    tools,
    { row, step, attempt },
    begin,
    ({ restore, environment, source, runId }, { signal, onProgress }) => {
      const share = shareOf(step, restore, source, inPlace);
      const onShare = (done: number) => {
        const within = Math.min(1, Math.max(0, done)) * share.stepBytes;
        onProgress(share.beforeBytes + within, share.totalBytes);
      };
      onShare(0);
      return work({ restore, environment, source, runId, mark: `${runId}-${attempt}`, signal, onShare });
    },
  );
}
