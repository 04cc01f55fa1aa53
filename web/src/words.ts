import type { BackupAction, BackupKind, Content, JobKind, JobStatus, Role, Stage } from '#schema/domain';

/** A state as people say it. */
export const statusWords: Record<JobStatus, string> = {
  QUEUED: 'Waiting',
  RUNNING: 'Running',
  SUCCEEDED: 'Succeeded',
  FAILED: 'Failed',
  CANCELED: 'Cancelled',
};

export const kindWords: Record<BackupKind, string> = {
  SCHEDULED: 'Scheduled',
  ON_DEMAND: 'On demand',
  SAFETY: 'Safety backup',
};

export const stageWords: Record<Stage, string> = { LIVE: 'Live', TEST: 'Test' };

export const contentWords: Record<Content, string> = { DATABASE: 'Database', MEDIA: 'Media' };

export const actionWords: Record<BackupAction, string> = {
  RESTORE: 'Restore',
  DOWNLOAD: 'Prepare download',
  CANCEL: 'Cancel backup',
  RETRY: 'Retry',
  EDIT_NOTE: 'Edit note',
  PIN: 'Pin',
  UNPIN: 'Unpin',
  DELETE: 'Delete',
  KEEP: 'Keep',
};

export const roleWords: Record<Role, string> = {
  VIEWER: 'Viewer',
  OPERATOR: 'Operator',
  ADMIN: 'Administrator',
};

/** What each role may do; each may also do what the ones before it may. */
export const roleHints: Record<Role, string> = {
  VIEWER: 'Sees backups, environments, activity and members. Changes nothing.',
  OPERATOR: 'Also makes, cancels, retries and annotates backups.',
  ADMIN: 'Also changes environments, and who belongs to the project.',
};

/** Kinds of jobs, in the plural: they name lists. */
export const jobKindWords: Record<JobKind, string> = {
  BACKUP: 'Backups',
  RESTORE: 'Restores',
  DOWNLOAD: 'Downloads',
  LEGACY_SCAN: 'Scans of old backups',
};

/** The steps of a job that this release knows. */
export const phases = ['queued', 'starting', 'database', 'media', 'seal', 'cleaning'] as const;
export type Phase = (typeof phases)[number];

export const phaseWords: Record<Phase, string> = {
  queued: 'Waiting for its turn',
  starting: 'Starting',
  database: 'Backing up the database',
  media: 'Backing up the media',
  seal: 'Sealing the backup',
  cleaning: 'Cleaning up',
};

/** A step in words; one that a newer server added is shown under its own name. */
export function phaseInWords(phase: string): string {
  const known = phases.find((each) => each === phase);
  return known ? phaseWords[known] : phase.charAt(0).toUpperCase() + phase.slice(1);
}

/** What a backup holds, e.g. `Database and media`. */
export function contentsInWords(contents: readonly Content[]): string {
  const [first, ...rest] = contents.map((each) => contentWords[each]);
  return [first, ...rest.map((each) => each.toLowerCase())].filter(Boolean).join(' and ') || 'Nothing';
}
