import type { DataSource, EntityManager } from 'typeorm';
import { Backup, Environment } from '#schema/entities';
import { isCanceled, isHeld, lockEnvironment, takenBy } from '../jobRow.js';

/** What claiming a row found. */
export interface Claimed {
  backup: Backup;
  environment: Environment;
  sealed: boolean;
  canceled: boolean;
  /** Whether an earlier run had the row, or a person asked to run it again. */
  again: boolean;
  /** The restore of the environment that is under way: the backup begins after it. */
  waitsFor: string | null;
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
      waitsFor: await restoreUnderWay(manager, backup),
    };
    if (found.sealed || isHeld(backup, runId)) return found;
    const taken = takenBy(backup, runId);
    await backups
      .createQueryBuilder()
      .update()
      .set('status' in taken ? { ...taken, gitCommit: environment.gitCommit } : taken)
      .where('id = :id', { id: backupId })
      .execute();
    return { ...found, backup: await backups.findOneByOrFail({ id: backupId }) };
  });
}

/** The restore that a backup of its destination waits for; a safety backup is part of its own and does not wait. */
export async function restoreUnderWay(manager: EntityManager, backup: Backup): Promise<string | null> {
  if (backup.kind === 'SAFETY') return null;
  await lockEnvironment(manager, backup.environmentId);
  const [found] = await manager.query<Array<{ id: string }>>(
    `SELECT id FROM restores WHERE environment_id = $1 AND status IN ('QUEUED', 'RUNNING')`,
    [backup.environmentId],
  );
  return found?.id ?? null;
}
