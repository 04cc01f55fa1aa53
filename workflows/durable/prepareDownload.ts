import {
  ActivityCancellationType,
  CancellationScope,
  CancelledFailure,
  proxyActivities,
} from '@temporalio/workflow';
import {
  enginesQueue,
  type Content,
  type DownloadClaim,
  type DownloadStepOrder,
  type PrepareDownloadOrder,
  type PrepareDownloadOutcome,
  type PreparedFile,
} from '#schema/domain';
import { inRuns } from './inRuns.js';
import { patiently } from './patiently.js';
import type { DownloadBookkeeping, DownloadSteps, QuickDownloadSteps } from './ports.js';

const bookkeeping = proxyActivities<DownloadBookkeeping>({
  startToCloseTimeout: '1 day',
  heartbeatTimeout: '20 s',
  retry: { initialInterval: '500 ms', maximumInterval: '10 s' },
});

const options = {
  startToCloseTimeout: '30 days',
  heartbeatTimeout: '20 s',
  // Clean-up begins once the step has stopped, so that nothing is written behind its back.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { maximumAttempts: 1 },
} as const;

const steps = proxyActivities<DownloadSteps>({ ...options, taskQueue: enginesQueue });
/** Those that move no bytes, and so never wait behind those that do. */
const quickSteps = proxyActivities<QuickDownloadSteps>(options);

/**
 * Prepares the files of a download: claim the row, find the dump, archive the media, record. Nothing can be had before it is
 * recorded; whatever fails, what was made is removed before the failure is recorded.
 *
 * It can be reset at any of its tasks, as `createBackup` can: a failure ends it only where the claim is this run’s own.
 */
export async function prepareDownload(order: PrepareDownloadOrder): Promise<PrepareDownloadOutcome> {
  const { downloadId } = order;
  return inRuns<DownloadClaim, PrepareDownloadOutcome>({
    noun: 'download',
    claim: () => bookkeeping.claimDownload(order),
    doneBefore: ({ alreadyDone }) => alreadyDone,
    work: (claim) => prepare(order, claim),
    inWords: ({ where }) => `The download of a backup of ${where} is ready.`,
    cleanUp: (ended) => bookkeeping.cleanUpDownload({ downloadId, ...ended }),
    canceled: 'Cancelled; what had been made was removed',
  });
}

async function prepare(order: PrepareDownloadOrder, claim: DownloadClaim): Promise<PrepareDownloadOutcome> {
  const { downloadId } = order;
  const { ranIn: claimedIn, outagePatienceMs, where } = claim;
  const files: PreparedFile[] = [];
  for (const content of claim.contents) {
    const { step, doing, work } = stepOf(content, where);
    files.push(
      await patiently({ step, doing, outagePatienceMs }, (attempt) =>
        work({ downloadId, claimedIn, attempt }),
      ),
    );
  }
  // The last moment in which a cancel counts; a step may have ended well although it was told to stop.
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('Cancelled before it was recorded');
  return patiently({ step: 'record', doing: `Recording the files of ${where}`, outagePatienceMs }, () =>
    CancellationScope.nonCancellable(() => quickSteps.recordDownload({ downloadId, claimedIn, files })),
  );
}

interface ContentStep {
  step: string;
  doing: string;
  work: (order: DownloadStepOrder) => Promise<PreparedFile>;
}

function stepOf(content: Content, where: string): ContentStep {
  switch (content) {
    case 'DATABASE':
      return {
        step: 'database',
        doing: `Finding the stored dump of ${where}`,
        work: (order) => quickSteps.locateDump(order),
      };
    case 'MEDIA':
      return {
        step: 'media',
        doing: `Archiving the media of ${where}`,
        work: (order) => steps.archiveMedia(order),
      };
  }
}
