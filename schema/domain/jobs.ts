/** Every state that a job can be in. */
export const jobStatuses = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** Every kind of job. */
export const jobKinds = ['BACKUP', 'RESTORE', 'DOWNLOAD', 'LEGACY_SCAN'] as const;
export type JobKind = (typeof jobKinds)[number];

/**
 * The moves that a job may make. What has failed or was cancelled runs again when people replay it;
 * what has succeeded stays as it is for ever.
 */
export const jobMoves: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  QUEUED: ['RUNNING', 'CANCELED', 'FAILED'],
  RUNNING: ['SUCCEEDED', 'FAILED', 'CANCELED'],
  SUCCEEDED: [],
  FAILED: ['RUNNING'],
  CANCELED: ['RUNNING'],
};

/** Whether a job may go from one state to another. */
export function mayMove(from: JobStatus, to: JobStatus): boolean {
  return jobMoves[from].includes(to);
}

/** Whether a job that ended may run again: nothing retries what has succeeded, or what retrying cannot help. */
export function canRunAgain({ status, retryable }: { status: JobStatus; retryable: boolean }): boolean {
  return status === 'CANCELED' || (status === 'FAILED' && retryable);
}

/** Whether nothing more happens to the job by itself. */
export function hasEnded(status: JobStatus): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELED';
}
