import { In, type EntityManager } from 'typeorm';
import { DownloadMail } from '#schema/entities';

/**
 * Asks for the mail about a download to this person. There is one each: one that waits or was sent stays; one that was
 * given up, or may not have arrived, is replaced by a new one.
 */
export async function askForMail(manager: EntityManager, downloadId: string, userId: string): Promise<void> {
  const mails = manager.getRepository(DownloadMail);
  await mails.delete({ downloadId, userId, state: In(['UNCERTAIN', 'FAILED']) });
  await mails.createQueryBuilder().insert().values({ downloadId, userId }).orIgnore().execute();
}
