import type { RouteLocationRaw } from 'vue-router';
import type { FragmentOf } from '../graph/graphql.js';
import type { IconName } from '../ui/icons.js';
import { contentsInWords, type JobType } from '../words.js';
import type { JobRowFields } from './fragments.js';

type Row = FragmentOf<typeof JobRowFields>;

const backupTitles = {
  ON_DEMAND: 'Backup on demand',
  SCHEDULED: 'Scheduled backup',
  SAFETY: 'Safety backup',
} as const;

const pages: Record<JobType, string> = { Backup: 'backup', Restore: 'restore', Download: 'download' };
const icons: Record<JobType, IconName> = { Backup: 'archive', Restore: 'restore', Download: 'download' };

/** What a job is called in the activity, e.g. `Scheduled backup`. */
export function jobTitle(job: Row): string {
  if (job.__typename === 'Backup') return backupTitles[job.kind];
  if (job.__typename === 'Download') return 'Download';
  return job.undoes ? 'Undo of a restore' : 'Restore';
}

/** The environment that a job is about; null where it is about none. */
export function jobEnvironment(job: Row) {
  return job.__typename === 'Download' ? job.origin : job.environment;
}

/** Whether it may be tried again. */
export function mayRetry(job: Row): boolean {
  if (job.__typename === 'Backup') return job.can.includes('RETRY');
  return job.__typename === 'Download' ? job.offered.includes('RETRY') : job.open.includes('RETRY');
}

/** The shape of a kind of job. */
export function jobIcon({ __typename }: Row): IconName {
  return icons[__typename];
}

/** The page of a job. */
export function jobPage({
  __typename,
  id,
  project,
}: {
  __typename: JobType;
  id: string;
  project: { slug: string };
}): RouteLocationRaw {
  return { name: pages[__typename], params: { slug: project.slug, id } };
}

/** What else is worth knowing of a job at a glance. */
export function jobFacts(job: Row): string[] {
  return [
    contentsInWords(job.contents),
    job.__typename !== 'Backup' ? `From ${job.sourceDescription}` : '',
    job.requestedBy ? `Asked for by ${job.requestedBy.name}` : '',
    job.__typename === 'Backup' && job.note ? `“${job.note}”` : '',
  ].filter(Boolean);
}
