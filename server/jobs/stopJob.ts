import type { DataSource } from 'typeorm';
import { hasEnded, refusals } from '#schema/domain';
import type { Job } from '#schema/entities';
import { Refused } from '../graph/payload.js';
import { kindOf } from './kindOfJob.js';

/**
 * Writes the wish to stop a job into its row, and ends it at once where no run has begun. The statement that writes asks
 * whether it may still be stopped, so that a run goes on either before it or not at all; throws `Refused` where it comes
 * too late. Answers with the row as it is then.
 */
export async function stopJob(catalogue: DataSource, job: Job): Promise<Job> {
  const { entity, cancellable } = kindOf(job);
  const jobs = catalogue.getRepository<Job>(entity);
  const notBegun = await jobs
    .createQueryBuilder()
    .update()
    .set({
      status: 'CANCELED',
      cancelRequestedAt: () => 'clock_timestamp()',
      finishedAt: () => 'clock_timestamp()',
    })
    .where(`id = :id AND status = 'QUEUED' AND run_id IS NULL`, { id: job.id })
    .execute();
  if (notBegun.affected) return jobs.findOneByOrFail({ id: job.id });
  const begun = await jobs
    .createQueryBuilder()
    .update()
    .set({ cancelRequestedAt: () => 'clock_timestamp()' })
    .where(`id = :id AND status IN ('QUEUED', 'RUNNING') AND ${cancellable}`, { id: job.id })
    .execute();
  const now = await jobs.findOneByOrFail({ id: job.id });
  // It may have ended meanwhile by itself: then there is nothing left to stop.
  if (!begun.affected && !hasEnded(now.status)) throw new Refused(refusals.switching());
  return now;
}
