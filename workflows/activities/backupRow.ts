import type { DataSource } from 'typeorm';
import { hasEnded, nothingDone, type Progress } from '#schema/domain';
import { Backup, Environment } from '#schema/entities';

/** What claiming a row found. */
export interface Claimed {
  backup: Backup;
  environment: Environment;
  sealed: boolean;
  canceled: boolean;
  /** Whether an earlier run had the row, or a person asked to run it again. */
  again: boolean;
}

/**
 * Takes a backup’s row for a run: RUNNING, with nothing done yet. What has succeeded stays as it is. Taking it twice
 * for the same run changes nothing.
 */
export async function claimRow(
  catalogue: DataSource,
  backupId: string,
  runId: string,
): Promise<Claimed | null> {
  return catalogue.transaction(async (manager) => {
    const backups = manager.getRepository(Backup);
    const backup = await backups.findOne({ where: { id: backupId }, lock: { mode: 'pessimistic_write' } });
    if (!backup) return null;
    const environment = await manager.findOneByOrFail(Environment, { id: backup.environmentId });
    const found = {
      backup,
      environment,
      sealed: backup.status === 'SUCCEEDED',
      canceled: isCanceled(backup),
      again: backup.retryRequestedAt !== null || (backup.runId !== null && backup.runId !== runId),
    };
    const held =
      backup.status === 'RUNNING' && backup.runId === runId && backup.progress.phase !== 'cleaning';
    if (found.sealed || held) return found;
    const neverBegan = backup.status === 'CANCELED' && backup.runId === null;
    await backups
      .createQueryBuilder()
      .update()
      .set({
        runId,
        ...(neverBegan
          ? {}
          : {
              status: 'RUNNING',
              failure: null,
              startedAt: () => 'clock_timestamp()',
              finishedAt: null,
              gitCommit: environment.gitCommit,
              progress: {
                phase: 'starting',
                attempt: hasEnded(backup.status) ? backup.progress.attempt + 1 : backup.progress.attempt,
                ...nothingDone,
              },
            }),
      })
      .where('id = :id', { id: backupId })
      .execute();
    return { ...found, backup: await backups.findOneByOrFail({ id: backupId }) };
  });
}

/** Whether a person asked to cancel what has not ended, after its newest run began. */
function isCanceled({ status, runId, cancelRequestedAt, startedAt }: Backup): boolean {
  if (status === 'CANCELED' && runId === null) return true;
  if (hasEnded(status) || cancelRequestedAt === null) return false;
  return startedAt === null || cancelRequestedAt > startedAt;
}

/** What the row says while a step is under way. */
export type RowAnswer = 'go on' | 'canceled' | 'taken over';

/** Writes progress for the run that holds the row; `null` only asks how the row stands. */
export async function reportProgress(
  catalogue: DataSource,
  backupId: string,
  runId: string,
  progress: Omit<Progress, 'attempt'> | null,
): Promise<RowAnswer> {
  const held = `id = $1 AND run_id = $2 AND status = 'RUNNING' AND progress_phase <> 'cleaning'`;
  const answer = `COALESCE(cancel_requested_at > started_at, false) AS canceled`;
  const rows: unknown = progress
    ? await catalogue.query(
        `WITH changed AS (
           UPDATE backups SET progress_phase = $3,
             progress_fraction = GREATEST($4::float8, progress_fraction),
             progress_done_bytes = GREATEST($5::bigint, progress_done_bytes),
             progress_total_bytes = COALESCE($6::bigint, progress_total_bytes), progress_bytes_per_second = $7, progress_seconds_left = $8
           WHERE ${held} RETURNING ${answer})
         SELECT canceled FROM changed`,
        [
          backupId,
          runId,
          progress.phase,
          progress.fraction,
          progress.doneBytes,
          progress.totalBytes,
          progress.bytesPerSecond,
          progress.secondsLeft,
        ],
      )
    : await catalogue.query(`SELECT ${answer} FROM backups WHERE ${held}`, [backupId, runId]);
  const row = (rows as Array<{ canceled: boolean }>)[0];
  if (!row) return 'taken over';
  return row.canceled ? 'canceled' : 'go on';
}

/** Begins a further attempt of a step: the progress of the one before counts no more. */
export async function beginAttempt(
  catalogue: DataSource,
  backupId: string,
  runId: string,
  phase: string,
): Promise<void> {
  await catalogue
    .getRepository(Backup)
    .createQueryBuilder()
    .update()
    .set({ progress: { ...nothingDone, phase, attempt: () => 'progress_attempt + 1' } })
    .where(`id = :backupId AND run_id = :runId AND status = 'RUNNING'`, { backupId, runId })
    .execute();
}
