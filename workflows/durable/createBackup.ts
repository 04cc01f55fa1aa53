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
  bytesInWords,
  enginesQueue,
  plainInMarkdown,
  searchAttributes,
  type BackupClaim,
  type Content,
  type CreateBackupOrder,
  type CreateBackupOutcome,
  type Failure,
  type StepOrder,
  type StepResult,
} from '#schema/domain';
import { patiently } from './patiently.js';
import type { BackupBookkeeping, BackupSteps } from './ports.js';
import { isWishToCancel, readStepError } from './stepError.js';

const bookkeeping = proxyActivities<BackupBookkeeping>({
  startToCloseTimeout: '1 day',
  heartbeatTimeout: '20 s',
  retry: { initialInterval: '500 ms', maximumInterval: '10 s' },
});

// The workflow itself decides about further attempts, so that its history and details tell the story.
const steps = proxyActivities<BackupSteps>({
  taskQueue: enginesQueue,
  startToCloseTimeout: '30 days',
  heartbeatTimeout: '20 s',
  // Clean-up begins once the step has stopped, so that nothing is written behind its back.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { maximumAttempts: 1 },
});

const failureKey = defineSearchAttributeKey(searchAttributes.failure, SearchAttributeType.KEYWORD);

/**
 * Makes a backup: claim the row, dump the database, copy the media, seal. Whatever fails, what was made is removed
 * before the failure is recorded.
 *
 * It can be reset at any of its tasks. Replayed steps bring back what an earlier run did, and with it that run’s
 * failure; so a failure ends the workflow only where the claim is this run’s own, and otherwise all is done anew.
 */
export async function createBackup(order: CreateBackupOrder): Promise<CreateBackupOutcome> {
  for (let isFirst = true; ; isFirst = false) {
    const claim = await CancellationScope.nonCancellable(() => bookkeeping.claimBackup(order));
    if (claim.alreadySealed) return claim.alreadySealed;
    try {
      const outcome = await whole(isFirst && !claim.again, () => makeBackup(order, claim));
      setCurrentDetails(`Backup of ${claim.where} is complete: ${bytesInWords(outcome.totalSize ?? 0)}.`);
      return outcome;
    } catch (error: unknown) {
      const failure = isWishToCancel(error) ? null : readStepError(error, 'backup').failure;
      setCurrentDetails(
        failure
          ? `Cleaning up after a failure. **${failure.code}** ${plainInMarkdown(failure.message)}`
          : 'Cancelling: cleaning up.',
      );
      await CancellationScope.nonCancellable(() =>
        bookkeeping.cleanUpBackup({ backupId: order.backupId, claimedIn: claim.ranIn, failure }),
      );
      if (claim.ranIn === workflowInfo().runId) throw ending(failure);
      log.info('The recorded failure belongs to an earlier run: beginning anew', { earlier: claim.ranIn });
    }
  }
}

async function makeBackup(order: CreateBackupOrder, claim: BackupClaim): Promise<CreateBackupOutcome> {
  if (claim.canceled) throw new CancelledFailure('Cancelled before it began');
  const { outagePatienceMs, where } = claim;
  if (claim.waitsFor) await untilRestored(order, claim.waitsFor);
  const results: StepResult[] = [];
  for (const content of claim.contents) {
    const doneBytes = results.reduce((sum, result) => sum + result.sourceBytes, 0);
    const { step, doing, work } = stepOf(content, claim);
    results.push(
      await patiently({ step, doing, outagePatienceMs }, (attempt) =>
        work({ backupId: order.backupId, claimedIn: claim.ranIn, attempt, doneBytes }),
      ),
    );
  }
  // The last moment in which a cancel counts; a step may have ended well although it was told to stop.
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('Cancelled before it was sealed');
  return patiently({ step: 'seal', doing: `Sealing the backup of ${where}`, outagePatienceMs }, () =>
    CancellationScope.nonCancellable(() =>
      steps.sealBackup({ backupId: order.backupId, claimedIn: claim.ranIn, results }),
    ),
  );
}

/** What is being restored is not backed up meanwhile. */
async function untilRestored(order: CreateBackupOrder, restore: string): Promise<void> {
  setCurrentDetails(`Waiting for the restore ${restore} of the environment.`);
  while (await bookkeeping.awaitRestore(order)) await sleep('1 s');
}

interface ContentStep {
  step: string;
  doing: string;
  work: (order: StepOrder) => Promise<StepResult>;
}

function stepOf(content: Content, claim: BackupClaim): ContentStep {
  switch (content) {
    case 'DATABASE':
      return {
        step: 'database',
        doing: `Dumping the database of ${claim.where}`,
        work: (order) => steps.dumpDatabase(order),
      };
    case 'MEDIA':
      return {
        step: 'media',
        doing: `Copying the media of ${claim.where}`,
        work: (order) => steps.copyMedia(order),
      };
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
  if (!failure) return new CancelledFailure('Cancelled; what had been made was removed');
  upsertSearchAttributes([{ key: failureKey, value: failure.code }]);
  setCurrentDetails(
    `**${failure.code}** ${plainInMarkdown(failure.message)} Once mended, reset this workflow or retry the job in Holdfast.`,
  );
  return ApplicationFailure.nonRetryable(failure.message, failure.code);
}
