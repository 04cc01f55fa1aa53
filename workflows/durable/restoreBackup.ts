import {
  ActivityCancellationType,
  CancellationScope,
  CancelledFailure,
  proxyActivities,
  setCurrentDetails,
  sleep,
} from '@temporalio/workflow';
import {
  enginesQueue,
  type RestoreBackupOrder,
  type RestoreBackupOutcome,
  type RestoreClaim,
  type RestoreStepOrder,
} from '#schema/domain';
import { inRuns } from './inRuns.js';
import { patiently } from './patiently.js';
import type { RestoreBookkeeping, RestoreSteps } from './ports.js';

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

/**
 * Restores a backup: claim the row, wait for the destination, verify, safety backup, stage beside the live data, switch.
 * Nothing of the destination changes before the switch; whatever fails, what was staged is removed, and a switch that was
 * begun is taken back, before the failure is recorded.
 *
 * It can be reset at any of its tasks, as `createBackup` can: a failure ends it only where the claim is this run’s own.
 */
export async function restoreBackup(order: RestoreBackupOrder): Promise<RestoreBackupOutcome> {
  const { restoreId } = order;
  return inRuns<RestoreClaim, RestoreBackupOutcome>({
    noun: 'restore',
    claim: () => bookkeeping.claimRestore(order),
    doneBefore: ({ alreadyDone }) => alreadyDone,
    work: (claim) => restore(order, claim),
    inWords: ({ where }) => `${where} was restored.`,
    cleanUp: (ended) => bookkeeping.cleanUpRestore({ restoreId, ...ended }),
    canceled: 'Cancelled; the destination is as it was',
  });
}

async function restore(order: RestoreBackupOrder, claim: RestoreClaim): Promise<RestoreBackupOutcome> {
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
