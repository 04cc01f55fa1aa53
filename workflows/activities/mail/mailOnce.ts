import { randomInt } from 'node:crypto';
import { isAlive, mayDo, type MailState } from '#schema/domain';
import { Member, type Download, type DownloadMail, type User } from '#schema/entities';
import { MailWaits, sendOnce, type HandOver } from '../../engines/mail/sendOnce.js';
import { onceCatalogueAnswers } from '../onceCatalogueAnswers.js';
import { factsOfMail } from './factsOfMail.js';
import {
  markHanded,
  noteProblem,
  readMail,
  recordFailed,
  recordSent,
  recordUncertain,
  takeBack,
  takeUp,
} from './mailRecord.js';
import type { MailTools } from './mailTools.js';
import { mailWords } from './mailWords.js';

const noAnswer =
  'It was handed to the mail server, whose answer never came: it has most likely arrived, and is not sent again.';

/** Where a mail stands; null: its record is gone. */
export interface MailStanding {
  state: MailState | null;
  problem: string | null;
}

interface Scene {
  mail: DownloadMail;
  download: Download;
  user: User;
}

/**
 * Sends one mail if it has to be sent, at most once whoever else tries, and records how that ended. Throws `MailWaits`
 * where it should be tried again; the record then says why.
 */
export async function mailOnce(tools: MailTools, mailId: string, signal: AbortSignal): Promise<MailStanding> {
  const { catalogue } = tools;
  const mail = await onceCatalogueAnswers(() => readMail(catalogue, mailId));
  if (!mail) return { state: null, problem: null };
  const { state, download, user } = mail;
  if (state === 'SENT' || state === 'UNCERTAIN') return { state, problem: mail.problem };
  if (!download || !user) return { state: null, problem: null };
  if (mail.handedAt) return recorded('UNCERTAIN', noAnswer, (why) => recordUncertain(catalogue, mailId, why));
  const hindrance = await onceCatalogueAnswers(() => hindranceOf(tools, download, user));
  if (hindrance) return recorded('FAILED', hindrance, (why) => recordFailed(catalogue, mailId, why));
  await onceCatalogueAnswers(() => takeUp(catalogue, mailId));
  return send(tools, { mail, download, user }, signal);
}

/** Why it can never be sent, in words; null where nothing stands in its way. */
async function hindranceOf(
  { catalogue, mail }: MailTools,
  download: Download,
  user: User,
): Promise<string | null> {
  const { status, revokedAt, expiresAt, projectId } = download;
  if (status === 'QUEUED' || status === 'RUNNING') throw new MailWaits('The download is not ready yet.');
  if (status !== 'SUCCEEDED') return 'The download has no files.';
  if (revokedAt) return 'The download was revoked before the mail was sent.';
  if (!isAlive({ status, expiresAtMs: expiresAt?.getTime() ?? null, revoked: false }, Date.now()))
    return 'The download expired before the mail was sent.';
  const member = await catalogue.getRepository(Member).findOneBy({ projectId, userId: user.id });
  if (!mayDo({ role: member?.role ?? null, isSupport: false }, 'download'))
    return 'This person may not download from the project any more.';
  return mail.smtpUrl ? null : 'No mail server is set (SMTP_URL).';
}

async function send(
  tools: MailTools,
  { mail, download, user }: Scene,
  signal: AbortSignal,
): Promise<MailStanding> {
  const { catalogue } = tools;
  const { id } = mail;
  const mark = handMark();
  // Only what it throws says that nothing has arrived: what is recorded of an answer is never taken back.
  const handOver = await handedOver(tools, { mail, download, user }, mark, signal);
  if (handOver.ended === 'sent') {
    await onceCatalogueAnswers(() => recordSent(catalogue, id, mark));
    return { state: 'SENT', problem: null };
  }
  const { ended, why } = handOver;
  return ended === 'refused'
    ? recorded('FAILED', why, (words) => recordFailed(catalogue, id, words, mark))
    : recorded('UNCERTAIN', `${noAnswer} ${why}`, (words) => recordUncertain(catalogue, id, words));
}

async function handedOver(
  tools: MailTools,
  { mail: { id }, download, user }: Scene,
  mark: string,
  signal: AbortSignal,
): Promise<HandOver> {
  const { catalogue, publicUrl, log } = tools;
  try {
    return await sendOnce({
      ...mailWords(await factsOfMail(tools, download, user)),
      smtpUrl: tools.mail.smtpUrl ?? '',
      from: tools.mail.from,
      to: user.email,
      messageId: `<${id}@${new URL(publicUrl).hostname}>`,
      date: new Date(),
      signal,
      beforeLastByte: async () => {
        if (!(await markHanded(catalogue, id, mark)))
          throw new MailWaits('Another worker sends it, or the download has ended meanwhile.');
      },
    });
  } catch (error: unknown) {
    // The mail has not arrived; where the answer to the commit was lost, the mark may stand nevertheless.
    await onceCatalogueAnswers(() => takeBack(catalogue, id, mark));
    const words = error instanceof MailWaits ? error.message : 'The mail could not be made or recorded.';
    log.warn({ mail: id, err: error }, 'a mail waits');
    await onceCatalogueAnswers(() => noteProblem(catalogue, id, words));
    throw new MailWaits(words);
  }
}

async function recorded(
  state: MailState,
  problem: string,
  record: (problem: string) => Promise<void>,
): Promise<MailStanding> {
  await onceCatalogueAnswers(() => record(problem));
  return { state, problem };
}

/** The time, to a microsecond that is this attempt’s own: known before it is written, it can be taken back for sure. */
function handMark(): string {
  return new Date().toISOString().replace('Z', `${String(randomInt(1000)).padStart(3, '0')}Z`);
}
