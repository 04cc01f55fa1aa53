import type { DataSource, EntityManager } from 'typeorm';
import { hasEnded, nothingDone, type Progress } from '#schema/domain';
import type { Job } from '#schema/entities';

/** The kinds of jobs that have rows with progress, by their tables. */
export type JobTable = 'backups' | 'restores' | 'downloads';

/** Which row. */
export interface JobRow {
  table: JobTable;
  id: string;
}

/** Whether a person asked to cancel what has not ended, after its newest run began. */
export function isCanceled({ status, runId, cancelRequestedAt, startedAt }: Job): boolean {
  if (status === 'CANCELED' && runId === null) return true;
  if (hasEnded(status) || cancelRequestedAt === null) return false;
  return startedAt === null || cancelRequestedAt > startedAt;
}

/** Whether this run holds the row already. */
export function isHeld({ status, runId, progress }: Job, byRun: string): boolean {
  return status === 'RUNNING' && runId === byRun && progress.phase !== 'cleaning';
}

/** What a row becomes when a run takes it: RUNNING, with nothing done yet. One that was cancelled before it began stays so. */
export function takenBy(job: Job, runId: string) {
  if (job.status === 'CANCELED' && job.runId === null) return { runId };
  return {
    runId,
    status: 'RUNNING' as const,
    failure: null,
    startedAt: () => 'clock_timestamp()',
    finishedAt: null,
    progress: {
      phase: 'starting',
      attempt: hasEnded(job.status) ? job.progress.attempt + 1 : job.progress.attempt,
      ...nothingDone,
    },
  };
}

/** Who writes to, or reads from, an environment as a whole waits here for the others; until the transaction ends. */
export async function lockEnvironment(manager: EntityManager, environmentId: string): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 1))', [environmentId]);
}

/** What the row says while a step is under way. */
export type RowAnswer = 'go on' | 'canceled' | 'taken over';

const held = `id = $1 AND run_id = $2 AND status = 'RUNNING' AND progress_phase <> 'cleaning'`;
const answer = `COALESCE(cancel_requested_at > started_at, false) AS canceled`;

/** Writes progress for the run that holds the row; `null` only asks how the row stands. */
export async function reportProgress(
  catalogue: DataSource,
  { table, id }: JobRow,
  runId: string,
  progress: Omit<Progress, 'attempt'> | null,
): Promise<RowAnswer> {
  const rows: unknown = progress
    ? await catalogue.query(
        `WITH changed AS (
           UPDATE ${table} SET progress_phase = $3,
             progress_fraction = GREATEST($4::float8, progress_fraction),
             progress_done_bytes = GREATEST($5::bigint, progress_done_bytes),
             progress_total_bytes = COALESCE($6::bigint, progress_total_bytes), progress_bytes_per_second = $7, progress_seconds_left = $8
           WHERE ${held} RETURNING ${answer})
         SELECT canceled FROM changed`,
        [
          id,
          runId,
          progress.phase,
          progress.fraction,
          progress.doneBytes,
          progress.totalBytes,
          progress.bytesPerSecond,
          progress.secondsLeft,
        ],
      )
    : await catalogue.query(`SELECT ${answer} FROM ${table} WHERE ${held}`, [id, runId]);
  const row = (rows as Array<{ canceled: boolean }>)[0];
  if (!row) return 'taken over';
  return row.canceled ? 'canceled' : 'go on';
}

/** Names the phase for the run that holds the row; progress stays as it is. */
export async function enterPhase(
  catalogue: DataSource,
  { table, id }: JobRow,
  runId: string,
  phase: string,
): Promise<void> {
  await catalogue.query(`UPDATE ${table} SET progress_phase = $3 WHERE ${held} AND progress_phase <> $3`, [
    id,
    runId,
    phase,
  ]);
}

/** Begins a further attempt of a step: the progress of the one before counts no more. */
export async function beginAttempt(
  catalogue: DataSource,
  { table, id }: JobRow,
  runId: string,
  phase: string,
): Promise<void> {
  await catalogue.query(
    `UPDATE ${table} SET progress_attempt = progress_attempt + 1, progress_phase = $3, progress_fraction = 0,
       progress_done_bytes = 0, progress_total_bytes = NULL, progress_bytes_per_second = NULL,
       progress_seconds_left = NULL
     WHERE id = $1 AND run_id = $2 AND status = 'RUNNING'`,
    [id, runId, phase],
  );
}
