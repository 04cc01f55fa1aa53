import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import {
  alreadySealedFailure,
  canceledFailure,
  describeFailure,
  failures,
  inputGoneFailure,
  toFailureCode,
  workerStoppedFailure,
  type Failure,
  type StepFailureDetails,
} from '#schema/domain';

/** A failed attempt as the workflow sees it. */
export interface StepError {
  failure: Failure;
  /** The worker died or was stopped. */
  crashed: boolean;
  /** Whether bytes moved before it failed. */
  progressed: boolean;
  /** What an earlier run made is gone, or has been sealed: only beginning anew helps. */
  outdated: boolean;
}

/** Whether the error says that a person wished to cancel, in Holdfast or in Temporal. */
export function isWishToCancel(error: unknown): boolean {
  return (
    isCancellation(error) || (cause(error) instanceof ApplicationFailure && typeOf(error) === canceledFailure)
  );
}

/** Reads what an activity failed with; what it was is never lost, only put into words. */
export function readStepError(error: unknown, step: string): StepError {
  const reason = cause(error);
  if (reason instanceof TimeoutFailure) {
    const what = 'The worker that did this died or no longer answers';
    return {
      failure: describeFailure('INTERNAL', step, what),
      crashed: true,
      progressed: false,
      outdated: false,
    };
  }
  if (!(reason instanceof ApplicationFailure)) {
    const what = reason instanceof Error ? reason.message : String(reason);
    return {
      failure: describeFailure('INTERNAL', step, what),
      crashed: false,
      progressed: false,
      outdated: false,
    };
  }
  const code = toFailureCode(reason.type);
  // What has no code of ours was not put into words where it was thrown.
  const inWords = reason.type === code ? reason.message : describeFailure(code, step, reason.message).message;
  const details = reason.details?.[0] as StepFailureDetails | undefined;
  return {
    failure: { code, message: inWords, retryable: failures[code].retryable },
    crashed: reason.type === workerStoppedFailure,
    progressed: details?.progressed ?? false,
    outdated: reason.type === inputGoneFailure || reason.type === alreadySealedFailure,
  };
}

function cause(error: unknown): unknown {
  return error instanceof ActivityFailure ? (error.cause ?? error) : error;
}

function typeOf(error: unknown): string | null | undefined {
  const reason = cause(error);
  return reason instanceof ApplicationFailure ? reason.type : null;
}
