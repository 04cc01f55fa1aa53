import type { BackupAction, BackupKind, Content, JobKind, JobStatus, Role, Stage } from '#schema/domain';
import type { Life } from './download/life.js';

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
  OPERATOR: 'Also makes, cancels, retries and annotates backups, and downloads them.',
  ADMIN: 'Also restores backups onto environments, and changes these and who belongs to the project.',
};

/** Kinds of jobs, in the plural: they name lists. */
export const jobKindWords: Record<JobKind, string> = {
  BACKUP: 'Backups',
  RESTORE: 'Restores',
  DOWNLOAD: 'Downloads',
  LEGACY_SCAN: 'Scans of old backups',
};

/** The kinds of jobs that have a page and steps of their own, as the API calls their types. */
export type JobType = 'Backup' | 'Restore' | 'Download';

/** The steps of a backup that this release knows. */
const backupPhases: Record<string, string> = {
  queued: 'Waiting for its turn',
  starting: 'Starting',
  waiting: 'Waiting for a restore under way',
  database: 'Backing up the database',
  media: 'Backing up the media',
  seal: 'Sealing the backup',
  cleaning: 'Cleaning up',
};

/** The steps of a restore that this release knows. */
const restorePhases: Record<string, string> = {
  queued: 'Waiting for its turn',
  starting: 'Starting',
  waiting: 'Waiting until the destination is free',
  verify: 'Checking the backup',
  safety: 'Making the safety backup',
  database: 'Restoring the database beside the live one',
  media: 'Restoring the media beside the live ones',
  switch: 'Switching',
  cleaning: 'Cleaning up',
};

/** The steps of a download that this release knows. */
const downloadPhases: Record<string, string> = {
  queued: 'Waiting for its turn',
  starting: 'Starting',
  database: 'Looking up the database’s dump',
  media: 'Putting the media together',
  record: 'Finishing',
  cleaning: 'Cleaning up',
};

const phaseWords: Record<JobType, Record<string, string>> = {
  Backup: backupPhases,
  Restore: restorePhases,
  Download: downloadPhases,
};

/** How a download stands. */
export const lifeWords: Record<Life, string> = {
  WAITING: 'Waiting',
  PREPARING: 'Being prepared',
  READY: 'Ready',
  EXPIRED: 'Expired',
  REVOKED: 'Revoked',
  FAILED: 'Failed',
  CANCELED: 'Cancelled',
};

/** A step in words; one that a newer server added is shown under its own name. */
export function phaseInWords(type: JobType, phase: string): string {
  return phaseWords[type][phase] ?? phase.charAt(0).toUpperCase() + phase.slice(1);
}

/** What a backup holds, e.g. `Database and media`. */
export function contentsInWords(contents: readonly Content[]): string {
  const [first, ...rest] = contents.map((each) => contentWords[each]);
  return [first, ...rest.map((each) => each.toLowerCase())].filter(Boolean).join(' and ') || 'Nothing';
}
