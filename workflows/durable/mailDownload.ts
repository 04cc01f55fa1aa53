import { ApplicationFailure, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { plainInMarkdown, type MailDownloadOrder, type MailDownloadOutcome } from '#schema/domain';
import type { DownloadMails } from './ports.js';

// Tried again for as long as the download lives: the activity itself gives up once it has ended.
const { sendDownloadMail } = proxyActivities<DownloadMails>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '20 s',
  retry: { initialInterval: '5 s', backoffCoefficient: 2, maximumInterval: '10 min' },
});

/** The failure type of a mail that was given up. */
const mailFailed = 'MAIL_FAILED';

/**
 * Mails the links of a download to one person, at most once. It can be reset at any of its tasks: a mail that was given
 * up is then tried anew, one that has arrived or may have is not sent again.
 */
export async function mailDownload(order: MailDownloadOrder): Promise<MailDownloadOutcome> {
  for (;;) {
    setCurrentDetails(
      'Sending the mail. While the mail server does not take it, it is tried again, with pauses of 5 s to 10 min, until the download ends: the pending activity says why.',
    );
    const outcome = await sendDownloadMail(order);
    setCurrentDetails(inWords(outcome));
    if (outcome.state !== 'FAILED') return outcome;
    // A failure of an earlier run that was replayed says nothing about now.
    if (outcome.ranIn === workflowInfo().runId)
      throw ApplicationFailure.nonRetryable(outcome.problem ?? 'The mail was given up', mailFailed);
  }
}

function inWords({ state, problem }: MailDownloadOutcome): string {
  if (state === 'SENT') return 'The mail server has taken the mail.';
  const why = plainInMarkdown(problem ?? '');
  if (state === 'UNCERTAIN') return `Nobody knows whether the mail arrived; it is not sent again. ${why}`;
  if (state === null) return 'The mail’s record is gone: it was asked for anew, or its download was removed.';
  return `The mail was given up. ${why} Once mended, reset this workflow, or ask for the mail again in Holdfast.`;
}
