import type { JobStatus } from './jobs.js';

/** Stable codes of refusals, as the API names them. */
export const errorCodes = [
  'NOT_FOUND',
  'FORBIDDEN',
  'INVALID',
  'CONFLICT',
  'NOT_READY',
  'EXPIRED',
  'LIMIT_REACHED',
  'CONFIRMATION_REQUIRED',
  'PINNED',
  'UNAVAILABLE',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** A rule said no: the code, the input at fault, and a sentence that names the remedy. */
export interface Refusal {
  code: ErrorCode;
  field: string[] | null;
  message: string;
}

const endings: Record<JobStatus, string> = {
  QUEUED: 'not begun',
  RUNNING: 'not ended',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  CANCELED: 'been cancelled',
};

const noun = (what: string) => what.toLowerCase();

/** Every refusal that Holdfast gives, in one place: its code and its words. */
export const refusals = {
  notFound: (what: string, field: string[]): Refusal => ({
    code: 'NOT_FOUND',
    field,
    message: `There is no such ${noun(what)}, or you may not see it.`,
  }),
  forbidden: (deed: string, role: string): Refusal => ({
    code: 'FORBIDDEN',
    field: null,
    message: `You may not ${deed} here: ask an administrator of the project for the role ${role}.`,
  }),
  invalid: (field: string[], message: string): Refusal => ({ code: 'INVALID', field, message }),
  slugTaken: (field: string[], slug: string): Refusal => ({
    code: 'CONFLICT',
    field,
    message: `“${slug}” is taken: choose another one.`,
  }),
  nothingToBackUp: (field: string[], content: string): Refusal => ({
    code: 'INVALID',
    field,
    message: `This environment has no ${noun(content)} configured: add it in the environment’s settings, or leave it out.`,
  }),
  environmentDeleted: (field: string[]): Refusal => ({
    code: 'INVALID',
    field,
    message: 'This environment was deleted: choose another one.',
  }),
  keyReused: (field: string[]): Refusal => ({
    code: 'CONFLICT',
    field,
    message: 'This idempotency key was used with other input within 24 hours: use a new key.',
  }),
  jobEnded: (status: JobStatus): Refusal => ({
    code: 'CONFLICT',
    field: ['id'],
    message: `This job has ${endings[status]} already: there is nothing to cancel.`,
  }),
  jobNotEnded: (status: JobStatus): Refusal => ({
    code: 'CONFLICT',
    field: ['id'],
    message: `Only a failed or cancelled job can be retried: this one ${status === 'SUCCEEDED' ? 'has succeeded' : 'is under way'}.`,
  }),
  jobNotRetryable: (): Refusal => ({
    code: 'CONFLICT',
    field: ['id'],
    message: 'Retrying cannot help this job: its failure says what to do instead.',
  }),
  confirmationRequired: (field: string[], expected: string): Refusal => ({
    code: 'CONFIRMATION_REQUIRED',
    field,
    message: `Type “${expected}” to confirm.`,
  }),
  jobsRunning: (field: string[]): Refusal => ({
    code: 'CONFLICT',
    field,
    message: 'A job of this environment is under way: wait for it or cancel it first.',
  }),
  restoreUnderWay: (field: string[], restore: string): Refusal => ({
    code: 'CONFLICT',
    field,
    message: `Another restore of this environment is under way (${restore}): wait for it or cancel it first.`,
  }),
  notRestorable: (field: string[]): Refusal => ({
    code: 'NOT_READY',
    field,
    message: 'Only a backup that has succeeded can be restored: choose another one.',
  }),
  notDownloadable: (field: string[]): Refusal => ({
    code: 'NOT_READY',
    field,
    message: 'Only a backup that has succeeded can be downloaded: choose another one.',
  }),
  backupGone: (field: string[]): Refusal => ({
    code: 'EXPIRED',
    field,
    message: 'The backup that this download was made from is no longer there: choose another one.',
  }),
  notRevocable: (): Refusal => ({
    code: 'CONFLICT',
    field: ['id'],
    message: 'Only a download that is ready can be revoked: this one has no files to be had.',
  }),
  notReissuable: (): Refusal => ({
    code: 'CONFLICT',
    field: ['id'],
    message: 'Only a download that has expired or was revoked can be made anew: this one has not ended so.',
  }),
  notInBackup: (field: string[], content: string): Refusal => ({
    code: 'INVALID',
    field,
    message: `This backup does not hold the ${noun(content)}: choose what it holds, or another backup.`,
  }),
  nothingToOverwrite: (field: string[], content: string): Refusal => ({
    code: 'INVALID',
    field,
    message: `The destination has no ${noun(content)} configured: add it in the environment’s settings, or leave it out.`,
  }),
  switching: (): Refusal => ({
    code: 'CONFLICT',
    field: ['id'],
    message: 'The data are being switched right now, which takes a moment: undo the restore afterwards.',
  }),
  notRestored: (): Refusal => ({
    code: 'CONFLICT',
    field: ['id'],
    message: 'Only a restore that has succeeded can be undone: this one has not.',
  }),
  cannotUndo: (): Refusal => ({
    code: 'EXPIRED',
    field: ['id'],
    message:
      'This restore cannot be undone: what it replaced is gone, and so is its safety backup. Restore another backup.',
  }),
  lastAdmin: (field: string[]): Refusal => ({
    code: 'CONFLICT',
    field,
    message:
      'A project keeps an administrator: give the role ADMIN to another member who has signed in, then try again.',
  }),
  tooManyInvitations: (field: string[]): Refusal => ({
    code: 'LIMIT_REACHED',
    field,
    message: 'You have invited as many people as one may within an hour: try again later.',
  }),
  mailedRecently: (field: string[]): Refusal => ({
    code: 'LIMIT_REACHED',
    field,
    message: 'This invitation was mailed several times within the last hour: try again later.',
  }),
  unavailable: (what: string): Refusal => ({
    code: 'UNAVAILABLE',
    field: null,
    message: `${what} cannot be reached right now: try again in a moment.`,
  }),
} as const;
