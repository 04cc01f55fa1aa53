import { workflowId } from '#schema/domain';
import { DownloadMail } from '#schema/entities';
import type { WorkerTools } from '../workerTools.js';
import { startOfMail } from './startMails.js';

const most = 50;

/** Begins the mails that nobody began, and settles those whose sending was ended before it could say how it went. */
export async function tendMails(tools: WorkerTools, stop: AbortSignal): Promise<void> {
  const waiting = await tools.catalogue
    .getRepository(DownloadMail)
    .createQueryBuilder('mail')
    .innerJoin('mail.download', 'download', `download.status = 'SUCCEEDED'`)
    .where(`mail.state = 'PENDING'`)
    // Of a mail that was asked for before its download was ready, from then on.
    .andWhere(`GREATEST(mail.created_at, download.finished_at) < now() - interval '30 seconds'`)
    .orderBy('random()')
    .limit(most)
    .getMany();
  for (const mail of waiting) {
    if (stop.aborted) return;
    try {
      const stands = await tools.jobs.stateOf(workflowId.mail(mail.id));
      if (stands === 'unknown') await tools.jobs.start(await startOfMail(tools, mail));
      else if (stands === 'ended') await settle(tools, mail);
    } catch (error: unknown) {
      tools.log.warn({ mail: mail.id, error: String(error) }, 'a mail could not be seen to');
    }
  }
}

/** Once its last byte was about to be handed over it may have arrived, and is not sent again by itself. */
async function settle({ catalogue }: WorkerTools, { id }: DownloadMail): Promise<void> {
  await catalogue.query(
    `UPDATE download_mails SET state = CASE WHEN handed_at IS NULL THEN 'FAILED' ELSE 'UNCERTAIN' END,
       problem = 'Its sending was ended before the mail server had answered.'
     WHERE id = $1 AND state = 'PENDING'`,
    [id],
  );
}
