import {
  ActivityCancellationType,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  log,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  enginesQueue,
  plainInMarkdown,
  searchAttributes,
  type Content,
  type DownloadClaim,
  type DownloadStepOrder,
  type Failure,
  type PrepareDownloadOrder,
  type PrepareDownloadOutcome,
  type PreparedFile,
} from '#schema/domain';
import { patiently } from './patiently.js';
import type { DownloadBookkeeping, DownloadSteps, QuickDownloadSteps } from './ports.js';
import { isWishToCancel, readStepError } from './stepError.js';

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

const failureKey = defineSearchAttributeKey(searchAttributes.failure, SearchAttributeType.KEYWORD);

/**
 * Prepares the files of a download: claim the row, find the dump, archive the media, record. Nothing can be had before it is
 * recorded; whatever fails, what was made is removed before the failure is recorded.
 *
 * It can be reset at any of its tasks, as `createBackup` can: a failure ends it only where the claim is this run’s own.
 */
export async function prepareDownload(order: PrepareDownloadOrder): Promise<PrepareDownloadOutcome> {
  for (let isFirst = true; ; isFirst = false) {
    const claim = await CancellationScope.nonCancellable(() => bookkeeping.claimDownload(order));
    if (claim.alreadyDone) return claim.alreadyDone;
    try {
      const outcome = await whole(isFirst && !claim.again, () => prepare(order, claim));
      setCurrentDetails(`The download of a backup of ${claim.where} is ready.`);
      return outcome;
    } catch (error: unknown) {
      const failure = isWishToCancel(error) ? null : readStepError(error, 'download').failure;
      setCurrentDetails(
        failure
          ? `Cleaning up after a failure. **${failure.code}** ${plainInMarkdown(failure.message)}`
          : 'Cancelling: cleaning up.',
      );
      const settled = await CancellationScope.nonCancellable(() =>
        bookkeeping.cleanUpDownload({ downloadId: order.downloadId, claimedIn: claim.ranIn, failure }),
      );
      if (settled) return settled;
      if (claim.ranIn === workflowInfo().runId) throw ending(failure);
      log.info('The recorded failure belongs to an earlier run: beginning anew', { earlier: claim.ranIn });
    }
  }
}

async function prepare(order: PrepareDownloadOrder, claim: DownloadClaim): Promise<PrepareDownloadOutcome> {
  if (claim.canceled) throw new CancelledFailure('Cancelled before it began');
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
