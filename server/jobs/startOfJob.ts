import type { JobStart } from '#schema/domain';
import type { Job } from '#schema/entities';
import type { Context } from '../graph/context.js';
import { kindOf } from './kindOfJob.js';

/** How the workflow of this job is started. Rows of projects and environments are never removed under a job. */
export async function startOfJob(context: Context, job: Job): Promise<JobStart> {
  const project = await context.loaders.project.load(job.projectId);
  const environment = await context.loaders.environment.load(job.environmentId);
  if (!project || !environment) throw new Error(`The job ${job.id} belongs nowhere.`);
  return kindOf(job).start(job, { project, environment }, context.tools.settings.publicUrl);
}
