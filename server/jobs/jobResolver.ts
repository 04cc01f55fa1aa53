import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import type { EntityManager } from 'typeorm';
import { hasEnded, nothingDone, openBackupActions, refusals, taskQueue, workflowId } from '#schema/domain';
import { Backup, Environment, Job, Project, User, Workflow } from '#schema/entities';
import { refuseUnless } from '../access/refuseUnless.js';
import { JobPayload } from '../backup/backupInputs.js';
import type { Context } from '../graph/context.js';
import { answer, Refused } from '../graph/payload.js';
import type { JobFacts } from './launcher.js';

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
      const backup = await findBackup(context, id);
      await refuseUnless(context, backup.projectId, 'cancelBackup');
      if (hasEnded(backup.status)) throw new Refused(refusals.jobEnded(backup.status));
      const backups = context.catalogue.getRepository(Backup);
      const notBegun = await backups
        .createQueryBuilder()
        .update()
        .set({
          status: 'CANCELED',
          cancelRequestedAt: () => 'clock_timestamp()',
          finishedAt: () => 'clock_timestamp()',
        })
        .where(`id = :id AND status = 'QUEUED' AND run_id IS NULL`, { id: backup.id })
        .execute();
      if (!notBegun.affected) {
        await backups
          .createQueryBuilder()
          .update()
          .set({ cancelRequestedAt: () => 'clock_timestamp()' })
          .where(`id = :id AND status IN ('QUEUED', 'RUNNING')`, { id: backup.id })
          .execute();
      }
      context.tools.launcher.cancelSoon(backup.id);
      return { job: await backups.findOneByOrFail({ id: backup.id }) };
    });
  }

  @Mutation(() => JobPayload, { description: 'Runs a failed or cancelled job again, under the same id.' })
  async retryJob(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<JobPayload> {
    context.signedIn();
    return answer(async () => {
      const backup = await findBackup(context, id);
      await refuseUnless(context, backup.projectId, 'retryBackup');
      const facts = await retryFacts(context, backup);
      const again = await context.catalogue.transaction((manager) => beginAgain(manager, backup));
      context.tools.launcher.retrySoon({ ...facts, backup: again });
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
    const id = workflowId.backup(job.id);
    return { workflowId: id, runId: job.runId, taskQueue, url: temporalPage(job, id, context) };
  }
}

async function findBackup(context: Context, id: string): Promise<Backup> {
  const backup = await context.access.backup(id);
  if (!backup) throw new Refused(refusals.notFound('Job', ['id']));
  return backup;
}

async function retryFacts(context: Context, backup: Backup): Promise<JobFacts> {
  const project = await context.loaders.project.load(backup.projectId);
  const environment = await context.loaders.environment.load(backup.environmentId);
  if (!project || !environment) throw new Refused(refusals.notFound('Job', ['id']));
  if (!hasEnded(backup.status) || backup.status === 'SUCCEEDED')
    throw new Refused(refusals.jobNotEnded(backup.status));
  if (environment.deletedAt) throw new Refused(refusals.environmentDeleted(['id']));
  const open = openBackupActions(
    { status: backup.status, retryable: backup.failure?.retryable ?? false, environmentDeleted: false },
    await context.access.standing(backup.projectId),
  );
  if (!open.includes('RETRY')) throw new Refused(refusals.jobNotRetryable());
  return { backup, project, environment };
}

async function beginAgain(manager: EntityManager, { id, environmentId }: Backup): Promise<Backup> {
  // Held until the job is under way again, so that the environment cannot be deleted in between.
  const held = await manager.findOneOrFail(Environment, {
    where: { id: environmentId },
    lock: { mode: 'pessimistic_read' },
  });
  if (held.deletedAt) throw new Refused(refusals.environmentDeleted(['id']));
  const { affected } = await manager
    .createQueryBuilder()
    .update(Backup)
    .set({
      status: 'RUNNING',
      failure: null,
      finishedAt: null,
      cancelRequestedAt: null,
      retryRequestedAt: () => 'clock_timestamp()',
      progress: {
        phase: 'starting',
        attempt: () => 'progress_attempt + 1',
        ...nothingDone,
      },
    })
    .where(`id = :id AND status IN ('FAILED', 'CANCELED')`, { id })
    .execute();
  const backup = await manager.findOneByOrFail(Backup, { id });
  if (!affected) throw new Refused(refusals.jobNotEnded(backup.status));
  return backup;
}

function temporalPage(job: Job, id: string, context: Context): string | null {
  const { TEMPORAL_UI_URL, TEMPORAL_NAMESPACE, HOLDFAST_HISTORY_DAYS } = context.tools.settings;
  if (!context.viewer?.user.isSupport || !job.runId) return null;
  if (job.finishedAt && Date.now() - job.finishedAt.getTime() > HOLDFAST_HISTORY_DAYS * dayMs) return null;
  const run = `${encodeURIComponent(id)}/${job.runId}`;
  return `${TEMPORAL_UI_URL.replace(/\/+$/, '')}/namespaces/${TEMPORAL_NAMESPACE}/workflows/${run}/history`;
}
