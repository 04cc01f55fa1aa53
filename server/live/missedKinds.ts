import { hasEnded, type ProjectEventKind } from '#schema/domain';
import type { Job } from '#schema/entities';

/** What of a job may have been announced since then while nobody listened, in the order in which it happened. */
export function missedKinds(
  job: Pick<Job, 'status' | 'createdAt' | 'startedAt' | 'finishedAt'>,
  since: Date,
): ProjectEventKind[] {
  const kinds: ProjectEventKind[] = [];
  if (job.createdAt > since) kinds.push('JOB_CREATED');
  if (job.startedAt && job.startedAt > since) kinds.push('JOB_STARTED');
  if (job.status === 'RUNNING') kinds.push('JOB_PROGRESSED');
  if (hasEnded(job.status) && job.finishedAt && job.finishedAt > since) kinds.push('JOB_ENDED');
  return kinds.length > 0 ? kinds : ['JOB_EDITED'];
}
