import { activityInfo, cancellationSignal, CancelledFailure } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  canceledFailure,
  describeFailure,
  failures,
  workerStoppedFailure,
  type FailureCode,
  type StepFailureDetails,
} from '#schema/domain';
import { StepProblem } from '../engines/stepProblem.js';
import { reportProgress, type JobRow } from './jobRow.js';
import { ProgressReporter } from './progressReporter.js';
import type { WorkerTools } from './workerTools.js';

/** What one attempt of a step has beside its job. */
export interface Attempt {
  signal: AbortSignal;
  /** Bytes, of this and the earlier steps together. */
  onProgress: (doneBytes: number, totalBytes: number | null) => void;
}

/**
 * Runs one attempt of a step: `begin` looks at the row, `work` does it with progress reported and a wish to cancel heard.
 * Every error leaves as a failure that names code, step, what happened and what to do.
 */
export async function attemptStep<Begun, Result>(
  tools: WorkerTools,
  { row, step, attempt }: { row: JobRow; step: string; attempt: number },
  begin: (runId: string) => Promise<Begun>,
  work: (begun: Begun, attempt: Attempt) => Promise<Result>,
): Promise<Result> {
  const runId = runOfThisActivity();
  const log = tools.log.child({ [row.table]: row.id, step, run: runId, attempt });
  let reporter: ProgressReporter | null = null;
  try {
    const begun = await begin(runId);
    reporter = new ProgressReporter(
      (shown) => reportProgress(tools.catalogue, row, runId, shown && { ...shown, phase: step }),
      log,
    );
    const { observe } = reporter;
    const result = await work(begun, {
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

/** How a step says that the person’s wish to cancel was seen. */
export function canceledByPerson(): ApplicationFailure {
  return ApplicationFailure.nonRetryable('Cancelled by a person', canceledFailure);
}

function toFailure(
  error: unknown,
  step: string,
  reporter: ProgressReporter | null,
  warn: (facts: object, message: string) => void,
): Error {
  if (reporter?.signal.reason === 'canceled') return canceledByPerson();
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
  const problem = taken ? new StepProblem('INTERNAL', 'Another run has taken this job over') : error;
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
