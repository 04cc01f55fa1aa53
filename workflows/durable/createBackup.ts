import {
  ActivityCancellationType,
  CancellationScope,
  CancelledFailure,
  proxyActivities,
  setCurrentDetails,
  sleep,
} from '@temporalio/workflow';
import {
  bytesInWords,
  enginesQueue,
  type BackupClaim,
  type Content,
  type CreateBackupOrder,
  type CreateBackupOutcome,
  type StepOrder,
  type StepResult,
} from '#schema/domain';
import { inRuns } from './inRuns.js';
import { patiently } from './patiently.js';
import type { BackupBookkeeping, BackupSteps } from './ports.js';

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

/**
 * Makes a backup: claim the row, dump the database, copy the media, seal. Whatever fails, what was made is removed
 * before the failure is recorded.
 *
 * It can be reset at any of its tasks. Replayed steps bring back what an earlier run did, and with it that run’s
 * failure; so a failure ends the workflow only where the claim is this run’s own, and otherwise all is done anew.
 */
export async function createBackup(order: CreateBackupOrder): Promise<CreateBackupOutcome> {
  const { backupId } = order;
  return inRuns<BackupClaim, CreateBackupOutcome>({
    noun: 'backup',
    claim: () => bookkeeping.claimBackup(order),
    doneBefore: ({ alreadySealed }) => alreadySealed,
    work: (claim) => makeBackup(order, claim),
    inWords: ({ where }, { totalSize }) => `Backup of ${where} is complete: ${bytesInWords(totalSize ?? 0)}.`,
    cleanUp: async (ended) => {
      await bookkeeping.cleanUpBackup({ backupId, ...ended });
      return null;
    },
    canceled: 'Cancelled; what had been made was removed',
  });
}

async function makeBackup(order: CreateBackupOrder, claim: BackupClaim): Promise<CreateBackupOutcome> {
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
