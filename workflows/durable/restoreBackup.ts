import {
  ActivityCancellationType,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  log,
  proxyActivities,
  setCurrentDetails,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  enginesQueue,
  plainInMarkdown,
  searchAttributes,
  type Failure,
  type RestoreBackupOrder,
  type RestoreBackupOutcome,
  type RestoreClaim,
  type RestoreStepOrder,
} from '#schema/domain';
import { patiently } from './patiently.js';
import type { RestoreBookkeeping, RestoreSteps } from './ports.js';
import { isWishToCancel, readStepError } from './stepError.js';

const bookkeeping = proxyActivities<RestoreBookkeeping>({
  startToCloseTimeout: '1 day',
  heartbeatTimeout: '20 s',
  retry: { initialInterval: '500 ms', maximumInterval: '10 s' },
});

const waiting = proxyActivities<RestoreBookkeeping>({
  startToCloseTimeout: '30 days',
  heartbeatTimeout: '20 s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { maximumAttempts: 1 },
});

const steps = proxyActivities<RestoreSteps>({
  taskQueue: enginesQueue,
  startToCloseTimeout: '30 days',
  heartbeatTimeout: '20 s',
  // Clean-up begins once the step has stopped, so that nothing is written behind its back.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { maximumAttempts: 1 },
});

const failureKey = defineSearchAttributeKey(searchAttributes.failure, SearchAttributeType.KEYWORD);

/**
 * Restores a backup: claim the row, wait for the destination, verify, safety backup, stage beside the live data, switch.
 * Nothing of the destination changes before the switch; whatever fails, what was staged is removed, and a switch that was
 * begun is taken back, before the failure is recorded.
 *
 * It can be reset at any of its tasks, as `createBackup` can: a failure ends it only where the claim is this run’s own.
 */
export async function restoreBackup(order: RestoreBackupOrder): Promise<RestoreBackupOutcome> {
  for (let isFirst = true; ; isFirst = false) {
    const claim = await CancellationScope.nonCancellable(() => bookkeeping.claimRestore(order));
    if (claim.alreadyDone) return claim.alreadyDone;
    try {
      const outcome = await whole(isFirst && !claim.again, () => restore(order, claim));
      setCurrentDetails(`${claim.where} was restored.`);
      return outcome;
    } catch (error: unknown) {
      const failure = isWishToCancel(error) ? null : readStepError(error, 'restore').failure;
      setCurrentDetails(
        failure
          ? `Cleaning up after a failure. **${failure.code}** ${plainInMarkdown(failure.message)}`
          : 'Cancelling: cleaning up.',
      );
      const settled = await CancellationScope.nonCancellable(() =>
        bookkeeping.cleanUpRestore({ restoreId: order.restoreId, claimedIn: claim.ranIn, failure }),
      );
      if (settled) return settled;
      if (claim.ranIn === workflowInfo().runId) throw ending(failure);
      log.info('The recorded failure belongs to an earlier run: beginning anew', { earlier: claim.ranIn });
    }
  }
}

async function restore(order: RestoreBackupOrder, claim: RestoreClaim): Promise<RestoreBackupOutcome> {
  if (claim.canceled) throw new CancelledFailure('Cancelled before it began');
  const { restoreId } = order;
  const { where, outagePatienceMs } = claim;
  const step = <Result>(name: string, doing: string, work: (order: RestoreStepOrder) => Promise<Result>) =>
    patiently({ step: name, doing, outagePatienceMs }, (attempt) =>
      work({ restoreId, claimedIn: claim.ranIn, attempt }),
    );
  const done = await untilFree(order, claim);
  if (done) return done;
  if (claim.way === 'BACKUP') {
    await step('verify', `Checking the stored backup for ${where}`, (at) => steps.verifySource(at));
  }
  if (claim.safety) {
    await step('safety', `Making a safety backup of ${where}`, (at) => waiting.takeSafetyBackup(at));
  }
  const restoresData = claim.way === 'BACKUP';
  const database =
    restoresData && claim.contents.includes('DATABASE')
      ? await step('database', `Restoring the database beside that of ${where}`, (at) =>
          steps.stageDatabase(at),
        )
      : null;
  const inPlace = database?.staged === null;
  const media =
    restoresData && claim.contents.includes('MEDIA')
      ? await step('media', `Restoring the media beside those of ${where}`, (at) =>
          steps.stageMedia({ ...at, inPlace }),
        )
      : null;
  // The last moment in which a cancel counts; a step may have ended well although it was told to stop.
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('Cancelled before the switch');
  return step('switch', `Switching ${where} to what was restored`, (at) =>
    CancellationScope.nonCancellable(() => steps.switchOver({ ...at, inPlace, database, media })),
  );
}

/** Waits for backups of the destination that are under way; an earlier run’s switch may prove to be whole meanwhile. */
async function untilFree(
  { restoreId }: RestoreBackupOrder,
  { ranIn, where, outagePatienceMs }: RestoreClaim,
): Promise<RestoreBackupOutcome | null> {
  for (;;) {
    const turn = await patiently(
      { step: 'waiting', doing: `Looking whether ${where} is free`, outagePatienceMs },
      (attempt) => steps.awaitDestination({ restoreId, claimedIn: ranIn, attempt }),
    );
    if (turn.alreadyDone) return turn.alreadyDone;
    if (turn.waitsFor === null) return null;
    setCurrentDetails(`Waiting for ${turn.waitsFor}.`);
    await sleep('1 s');
  }
}

/**
 * Does all of it. A run that begins anew may still carry the wish to cancel that ended the run before: it is not this
 * run’s. In a run that is the first, a wish that came before the claim is meant for it.
 */
async function whole<Result>(heedsEarlierCancel: boolean, work: () => Promise<Result>): Promise<Result> {
  const isEarlier = CancellationScope.current().consideredCancelled && !heedsEarlierCancel;
  return isEarlier ? CancellationScope.nonCancellable(work) : work();
}

function ending(failure: Failure | null): Error {
  if (!failure) return new CancelledFailure('Cancelled; the destination is as it was');
  upsertSearchAttributes([{ key: failureKey, value: failure.code }]);
  setCurrentDetails(
    `**${failure.code}** ${plainInMarkdown(failure.message)} Once mended, reset this workflow or retry the job in Holdfast.`,
  );
  return ApplicationFailure.nonRetryable(failure.message, failure.code);
}
