import { mapExchange, type Exchange } from '@urql/core';

interface Job {
  id: string;
  progress: { sequence: number };
  [field: string]: unknown;
}

/** The newest state of each job, least recently seen first; as many as many pages of lists show. */
const newest = new Map<string, Job>();
const most = 1_000;

/**
 * Nothing older ever overwrites what was seen: each job in a result whose sequence is behind the newest one is
 * brought up to it. A slow answer to a query and a late event are so alike harmless.
 */
export const freshnessExchange: Exchange = mapExchange({
  onResult(result) {
    if (result.data) bringUpToDate(result.data);
  },
});

function bringUpToDate(value: unknown): void {
  if (Array.isArray(value)) return value.forEach(bringUpToDate);
  if (typeof value !== 'object' || value === null) return;
  if (isJob(value)) compare(value);
  Object.values(value).forEach(bringUpToDate);
}

function isJob(value: object): value is Job {
  const { id, progress } = value as Partial<Job>;
  return typeof id === 'string' && typeof progress?.sequence === 'number';
}

function compare(job: Job): void {
  const known = newest.get(job.id);
  if (!known || job.progress.sequence > known.progress.sequence) {
    keep({ ...job });
  } else {
    if (job.progress.sequence < known.progress.sequence)
      for (const field of Object.keys(job)) if (field in known) job[field] = known[field];
    keep(known);
  }
}

function keep(job: Job): void {
  newest.delete(job.id);
  newest.set(job.id, job);
  const [oldest] = newest.keys();
  if (newest.size > most && oldest !== undefined) newest.delete(oldest);
}
