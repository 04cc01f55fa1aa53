import type { DataSource, EntityManager } from 'typeorm';
import { nothingDone, refusals } from '#schema/domain';
import { Environment, type Job } from '#schema/entities';
import { Refused } from '../graph/payload.js';
import { onePerDestination } from '../restore/onePerDestination.js';
import { kindOf } from './kindOfJob.js';

/** Puts a failed or cancelled job under way again, in its row; throws `Refused` where that cannot be now. */
export async function beginAgain(catalogue: DataSource, job: Job): Promise<Job> {
  return onePerDestination(catalogue, job.environmentId, ['id'], () =>
    catalogue.transaction((manager) => markAgain(manager, job)),
  );
}

async function markAgain(manager: EntityManager, job: Job): Promise<Job> {
  const { id, environmentId } = job;
  // Held until the job is under way again, so that the environment cannot be deleted in between.
  const held = await manager.findOneOrFail(Environment, {
    where: { id: environmentId },
    lock: { mode: 'pessimistic_read' },
  });
  if (held.deletedAt && kindOf(job).needsEnvironment) throw new Refused(refusals.environmentDeleted(['id']));
  const jobs = manager.getRepository<Job>(kindOf(job).entity);
  const { affected } = await jobs
    .createQueryBuilder()
    .update()
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
  const again = await jobs.findOneByOrFail({ id });
  if (!affected) throw new Refused(refusals.jobNotEnded(again.status));
  return again;
}
