import { restoreConfirmation } from '#schema/domain';
import { Environment, type Job } from '#schema/entities';
import type { Context } from '../graph/context.js';

/** `project-slug/environment-slug` of an environment, or of where a job belongs: what people call it and confirm by. */
export async function slugsOf(context: Context, it: Environment | Job): Promise<string> {
  const environment =
    it instanceof Environment ? it : await context.loaders.environment.load(it.environmentId);
  const project = await context.loaders.project.load(it.projectId);
  return restoreConfirmation(project?.slug ?? '', environment?.slug ?? '');
}
