import type { FragmentOf } from '../graph/graphql.js';
import type { IconName } from '../ui/icons.js';
import { contentsInWords } from '../words.js';
import type { JobRowFields } from './fragments.js';

type Row = FragmentOf<typeof JobRowFields>;

const backupTitles = {
  ON_DEMAND: 'Backup on demand',
  SCHEDULED: 'Scheduled backup',
  SAFETY: 'Safety backup',
} as const;

/** What a job is called in the activity, e.g. `Scheduled backup`. */
export function jobTitle(job: Row): string {
  return backupTitles[job.kind];
}

/** The shape of a kind of job. */
export function jobIcon({ __typename }: Row): IconName {
  return { Backup: 'archive' as const }[__typename];
}

/** What else is worth knowing of a job at a glance. */
export function jobFacts(job: Row): string[] {
  return [
    contentsInWords(job.contents),
    job.requestedBy ? `Asked for by ${job.requestedBy.name}` : '',
    job.note ? `“${job.note}”` : '',
  ].filter(Boolean);
}
