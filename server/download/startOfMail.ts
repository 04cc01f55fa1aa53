import { downloadMailStart, type JobStart } from '#schema/domain';
import type { Download, DownloadMail } from '#schema/entities';
import type { Context } from '../graph/context.js';

/** How the workflow of this mail is started. */
export async function startOfMail(
  context: Context,
  { id, contents, projectId, environmentId }: Download,
  mail: DownloadMail,
): Promise<JobStart> {
  const project = await context.loaders.project.load(projectId);
  const environment = await context.loaders.environment.load(environmentId);
  if (!project || !environment) throw new Error(`The download ${id} belongs nowhere.`);
  const words = { id, contents, requestedById: mail.userId, project, environment };
  return downloadMailStart(mail.id, words, context.tools.settings.publicUrl);
}
