import { downloadMailStart, type JobStart } from '#schema/domain';
import { Download, DownloadMail, Environment, Project } from '#schema/entities';
import type { WorkerTools } from '../workerTools.js';

/** Begins the mails that wait for a download; one that cannot be begun now is left to housekeeping. */
export async function startMails(tools: WorkerTools, downloadId: string): Promise<void> {
  try {
    const mails = await tools.catalogue
      .getRepository(DownloadMail)
      .find({ where: { downloadId, state: 'PENDING' }, order: { createdAt: 'ASC' } });
    for (const mail of mails) await tools.jobs.start(await startOfMail(tools, mail));
  } catch (error: unknown) {
    tools.log.warn({ download: downloadId, error: String(error) }, 'the mails could not be begun yet');
  }
}

/** How a mail’s workflow is begun. */
export async function startOfMail(
  { catalogue, publicUrl }: WorkerTools,
  { id, downloadId, userId }: DownloadMail,
): Promise<JobStart> {
  const download = await catalogue.getRepository(Download).findOneByOrFail({ id: downloadId });
  const project = await catalogue.getRepository(Project).findOneByOrFail({ id: download.projectId });
  const environment = await catalogue
    .getRepository(Environment)
    .findOneByOrFail({ id: download.environmentId });
  const job = { id: download.id, contents: download.contents, requestedById: userId, project, environment };
  return downloadMailStart(id, job, publicUrl);
}
