import { activityInfo, cancellationSignal, CancelledFailure } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  alreadySealedFailure,
  canceledFailure,
  describeFailure,
  failures,
  workerStoppedFailure,
  type FailureCode,
  type StepFailureDetails,
} from '#schema/domain';
import type { Backup, Environment } from '#schema/entities';
import { StepProblem } from '../engines/stepProblem.js';
import { beginAttempt, claimRow, reportProgress } from './backupRow.js';
import { onceCatalogueAnswers } from './onceCatalogueAnswers.js';
import { ProgressReporter } from './progressReporter.js';
import type { WorkerTools } from './workerTools.js';

/** What a step works with. */
export interface Scene {
  backup: Backup;
  environment: Environment;
  /** `<run>-<attempt>`: where this attempt’s objects lie. */
  mark: string;
  signal: AbortSignal;
  /** Bytes of the source, of this and the earlier steps together. */
  onProgress: (doneBytes: number, totalBytes: number | null) => void;
}

/** Which step of which backup. */
interface StepStart {
  backupId: string;
  step: string;
  attempt: number;
}

/**
 * Runs one attempt of a step with the row held, progress reported and a wish to cancel heard. Every error leaves as
 * a failure that names code, step, what happened and what to do.
 */
export async function inStep<Result>(
  tools: WorkerTools,
  { backupId, step, attempt }: StepStart,
  work: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  const runId = runOfThisActivity();
  const log = tools.log.child({ backup: backupId, step, run: runId, attempt });
  let reporter: ProgressReporter | null = null;
  try {
    const claimed = await onceCatalogueAnswers(() => claimRow(tools.catalogue, backupId, runId));
    if (!claimed) throw new StepProblem('BACKUP_GONE', 'The backup’s record was deleted');
    if (claimed.sealed)
      throw ApplicationFailure.nonRetryable('This backup is sealed already', alreadySealedFailure);
    if (claimed.canceled) throw canceled();
    if (claimed.environment.deletedAt)
      throw new StepProblem('DESTINATION_GONE', 'The environment was deleted');
    if (attempt > 1) {
      await beginAttempt(tools.catalogue, backupId, runId, step);
      // Before a byte moves: what a storage that is away took in at first must not count as progress.
      await tools.storage.probe();
    }
    reporter = new ProgressReporter(
      (shown) => reportProgress(tools.catalogue, backupId, runId, shown && { ...shown, phase: step }),
      log,
    );
    const { observe } = reporter;
    const result = await work({
      backup: claimed.backup,
      environment: claimed.environment,
      mark: `${runId}-${attempt}`,
      signal: AbortSignal.any([cancellationSignal(), reporter.signal]),
      onProgress: observe.bind(reporter),
    });
    await reporter.end();
    return result;
  } catch (error: unknown) {
    await reporter?.end();
    throw toFailure(error, step, reporter, log.warn.bind(log));
  }
}

/** The run that this activity belongs to. */
export function runOfThisActivity(): string {
  const { workflowExecution } = activityInfo();
  if (!workflowExecution) throw new Error('A step runs inside a workflow only.');
  return workflowExecution.runId;
}

function canceled(): ApplicationFailure {
  return ApplicationFailure.nonRetryable('Cancelled by a person', canceledFailure);
}

function toFailure(
  error: unknown,
  step: string,
  reporter: ProgressReporter | null,
  warn: (facts: object, message: string) => void,
): Error {
  if (reporter?.signal.reason === 'canceled') return canceled();
  const cancelled = cancellationSignal().aborted;
  if (cancelled && isWorkerStop()) {
    return ApplicationFailure.nonRetryable(
      'The worker was stopped',
      workerStoppedFailure,
      detailsOf(step, reporter),
    );
  }
  if (cancelled) return new CancelledFailure('Cancelled');
  if (error instanceof ApplicationFailure) return error;
  const taken = reporter?.signal.reason === 'taken over';
  const problem = taken ? new StepProblem('INTERNAL', 'Another run has taken this backup over') : error;
  const code: FailureCode = problem instanceof StepProblem ? problem.code : 'INTERNAL';
  const what = problem instanceof Error ? problem.message : String(problem);
  warn({ code, err: problem }, 'a step failed');
  return ApplicationFailure.create({
    type: code,
    message: describeFailure(code, step, what, problem instanceof StepProblem ? problem.remedy : undefined)
      .message,
    nonRetryable: taken || !failures[code].transient,
    details: [detailsOf(step, reporter)],
  });
}

function isWorkerStop(): boolean {
  const reason: unknown = cancellationSignal().reason;
  return reason instanceof Error && reason.message === 'WORKER_SHUTDOWN';
}

function detailsOf(step: string, reporter: ProgressReporter | null): StepFailureDetails {
  return { step, progressed: reporter?.progressed ?? false };
}
