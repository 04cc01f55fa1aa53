import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import { canRunAgain, hasEnded, refusals, taskQueue } from '#schema/domain';
import { Download, Job, Project, Restore, User, Workflow } from '#schema/entities';
import { refuseUnless } from '../access/refuseUnless.js';
import { JobPayload } from '../backup/backupInputs.js';
import type { Context } from '../graph/context.js';
import { answer, Refused } from '../graph/payload.js';
import { beginAgain } from './beginAgain.js';
import { kindOf } from './kindOfJob.js';
import { startOfJob } from './startOfJob.js';
import { stopJob } from './stopJob.js';

const dayMs = 86_400_000;

/** What every kind of job has: who asked, where it stands in Temporal, cancel and retry. */
@Resolver(() => Job)
export class JobResolver {
  @Mutation(() => JobPayload, {
    description: 'Stops a job that has not ended and removes what it had made so far.',
  })
  async cancelJob(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<JobPayload> {
    context.signedIn();
    return answer(async () => {
      const job = await findJob(context, id);
      await refuseUnless(context, job.projectId, kindOf(job).cancel);
      if (hasEnded(job.status)) throw new Refused(refusals.jobEnded(job.status));
      const stopped = await stopJob(context.catalogue, job);
      context.tools.launcher.cancelSoon(kindOf(job).workflowId(job.id));
      return { job: stopped };
    });
  }

  @Mutation(() => JobPayload, { description: 'Runs a failed or cancelled job again, under the same id.' })
  async retryJob(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<JobPayload> {
    context.signedIn();
    return answer(async () => {
      const job = await findJob(context, id);
      await refuseUnless(context, job.projectId, kindOf(job).retry);
      if (job instanceof Restore) await refuseUnlessFrom(context, job);
      if (!hasEnded(job.status) || job.status === 'SUCCEEDED')
        throw new Refused(refusals.jobNotEnded(job.status));
      const environment = await context.loaders.environment.load(job.environmentId);
      if (environment?.deletedAt && kindOf(job).needsEnvironment)
        throw new Refused(refusals.environmentDeleted(['id']));
      if (job instanceof Download) await refuseUnlessThere(context, job);
      const retryable = job.failure?.retryable ?? false;
      if (!canRunAgain({ status: job.status, retryable })) throw new Refused(refusals.jobNotRetryable());
      const again = await beginAgain(context.catalogue, job);
      context.tools.launcher.retrySoon(await startOfJob(context, again));
      return { job: again };
    });
  }

  @FieldResolver(() => Project)
  async project(@Root() job: Job, @Ctx() context: Context): Promise<Project | null> {
    return context.loaders.project.load(job.projectId);
  }

  @FieldResolver(() => User, { nullable: true })
  async requestedBy(@Root() job: Job, @Ctx() context: Context): Promise<User | null> {
    return job.requestedById ? context.loaders.user.load(job.requestedById) : null;
  }

  @FieldResolver(() => Workflow)
  workflow(@Root() job: Job, @Ctx() context: Context): Workflow {
    const id = kindOf(job).workflowId(job.id);
    return { workflowId: id, runId: job.runId, taskQueue, url: temporalPage(job, id, context) };
  }
}

/** Whoever runs a restore again brings the backup to its destination, as whoever asked for it did. */
async function refuseUnlessFrom(context: Context, { way, sourceBackupId }: Restore): Promise<void> {
  const source =
    way === 'BACKUP' && sourceBackupId ? await context.loaders.backup.load(sourceBackupId) : null;
  if (source) await refuseUnless(context, source.projectId, 'restoreFrom');
}

/** Without its backup a download cannot be made. */
async function refuseUnlessThere(context: Context, { sourceBackupId }: Download): Promise<void> {
  const source = sourceBackupId ? await context.loaders.backup.load(sourceBackupId) : null;
  if (!source) throw new Refused(refusals.backupGone(['id']));
}

async function findJob(context: Context, id: string): Promise<Job> {
  const job = await context.access.job(id);
  if (!job) throw new Refused(refusals.notFound('Job', ['id']));
  return job;
}

function temporalPage(job: Job, id: string, context: Context): string | null {
  const { TEMPORAL_UI_URL, TEMPORAL_NAMESPACE, HOLDFAST_HISTORY_DAYS } = context.tools.settings;
  if (!context.viewer?.user.isSupport || !job.runId) return null;
  if (job.finishedAt && Date.now() - job.finishedAt.getTime() > HOLDFAST_HISTORY_DAYS * dayMs) return null;
  const run = `${encodeURIComponent(id)}/${job.runId}`;
  return `${TEMPORAL_UI_URL.replace(/\/+$/, '')}/namespaces/${TEMPORAL_NAMESPACE}/workflows/${run}/history`;
}
