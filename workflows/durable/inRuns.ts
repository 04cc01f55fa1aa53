import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  log,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { plainInMarkdown, searchAttributes, type Failure } from '#schema/domain';
import { isWishToCancel, readStepError } from './stepError.js';

/** What claiming a job’s row answers, whatever its kind. */
interface Claim {
  /** The run that made the claim; of a claim that was replayed, an earlier one. */
  ranIn: string;
  /** Whether an earlier run had the job, or a person asked to run it again. */
  again: boolean;
  /** Whether a person cancelled before the run began. */
  canceled: boolean;
}

/** A job as its workflow goes about it. */
interface JobInRuns<Claimed extends Claim, Outcome> {
  /** How failures call the whole, where they name no step of it. */
  noun: string;
  claim: () => Promise<Claimed>;
  /** What an earlier run has done; null: there is something left to do. */
  doneBefore: (claim: Claimed) => Outcome | null;
  work: (claim: Claimed) => Promise<Outcome>;
  /** What current details say at the end. */
  inWords: (claim: Claimed, outcome: Outcome) => string;
  /** Removes what was made, then records how it ended. Answers where all proves to have been done. */
  cleanUp: (ended: { claimedIn: string; failure: Failure | null }) => Promise<Outcome | null>;
  /** What a cancel leaves, in words. */
  canceled: string;
}

const failureKey = defineSearchAttributeKey(searchAttributes.failure, SearchAttributeType.KEYWORD);

/**
 * Claims a job’s row and does the job; whatever fails, what was made is removed before the failure is recorded.
 *
 * It can be reset at any of its tasks: a failure ends it only where the claim is this run’s own. One that was replayed
 * belongs to an earlier run; all is begun anew then, with a claim of this run.
 */
export async function inRuns<Claimed extends Claim, Outcome>(
  job: JobInRuns<Claimed, Outcome>,
): Promise<Outcome> {
  for (let isFirst = true; ; isFirst = false) {
    const claim = await CancellationScope.nonCancellable(job.claim);
    const before = job.doneBefore(claim);
    if (before) return before;
    try {
      const outcome = await whole(isFirst && !claim.again, () => work(job, claim));
      setCurrentDetails(job.inWords(claim, outcome));
      return outcome;
    } catch (error: unknown) {
      const failure = isWishToCancel(error) ? null : readStepError(error, job.noun).failure;
      setCurrentDetails(
        failure
          ? `Cleaning up after a failure. **${failure.code}** ${plainInMarkdown(failure.message)}`
          : 'Cancelling: cleaning up.',
      );
      const settled = await CancellationScope.nonCancellable(() =>
        job.cleanUp({ claimedIn: claim.ranIn, failure }),
      );
      if (settled) return settled;
      if (claim.ranIn === workflowInfo().runId) throw ending(failure, job.canceled);
      log.info('The recorded failure belongs to an earlier run: beginning anew', { earlier: claim.ranIn });
    }
  }
}

async function work<Claimed extends Claim, Outcome>(
  job: JobInRuns<Claimed, Outcome>,
  claim: Claimed,
): Promise<Outcome> {
  if (claim.canceled) throw new CancelledFailure('Cancelled before it began');
  return job.work(claim);
}

/**
 * Does all of it. A run that begins anew may still carry the wish to cancel that ended the run before: it is not this
 * run’s. In a run that is the first, a wish that came before the claim is meant for it.
 */
async function whole<Result>(heedsEarlierCancel: boolean, doing: () => Promise<Result>): Promise<Result> {
  const isEarlier = CancellationScope.current().consideredCancelled && !heedsEarlierCancel;
  return isEarlier ? CancellationScope.nonCancellable(doing) : doing();
}

function ending(failure: Failure | null, canceled: string): Error {
  if (!failure) return new CancelledFailure(canceled);
  upsertSearchAttributes([{ key: failureKey, value: failure.code }]);
  setCurrentDetails(
    `**${failure.code}** ${plainInMarkdown(failure.message)} Once mended, reset this workflow or retry the job in Holdfast.`,
  );
  return ApplicationFailure.nonRetryable(failure.message, failure.code);
}
