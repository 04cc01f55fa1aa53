import { cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { MailDownloadOrder, MailDownloadOutcome } from '#schema/domain';
import { MailWaits } from '../../engines/mail/sendOnce.js';
import { runOfThisActivity } from '../attemptStep.js';
import { whileAlive } from '../whileAlive.js';
import { mailOnce } from './mailOnce.js';
import type { MailTools } from './mailTools.js';

/** The failure type of a mail that waits: Temporal tries again. */
const waitsFailure = 'MAIL_WAITS';

/** Sends the mail about a download, at most once. Fails, to be tried again, while the mail server does not take it. */
export async function sendDownloadMail(
  tools: MailTools,
  { mailId }: MailDownloadOrder,
): Promise<MailDownloadOutcome> {
  const ranIn = runOfThisActivity();
  try {
    const standing = await whileAlive(() => mailOnce(tools, mailId, cancellationSignal()));
    return { mailId, ranIn, ...standing };
  } catch (error: unknown) {
    if (error instanceof MailWaits) throw ApplicationFailure.retryable(error.message, waitsFailure);
    throw error;
  }
}
