import type { DataSource } from 'typeorm';
import { Environment, Restore } from '#schema/entities';
import { StepProblem } from '../../engines/stepProblem.js';
import { isCanceled, isHeld, takenBy } from '../jobRow.js';

/** What claiming a restore’s row found. */
export interface ClaimedRestore {
  restore: Restore;
  /** The destination. */
  environment: Environment;
  done: boolean;
  canceled: boolean;
  /** Whether an earlier run had the row, or a person asked to run it again. */
  again: boolean;
}

/**
 * Takes a restore’s row for a run: RUNNING, with nothing done yet. What has succeeded stays as it is. Taking it twice for the
 * same run changes nothing. Throws where another restore of the destination is under way.
 */
export async function claimRestoreRow(
  catalogue: DataSource,
  restoreId: string,
  runId: string,
): Promise<ClaimedRestore | null> {
  return catalogue.transaction(async (manager) => {
    const restores = manager.getRepository(Restore);
    const restore = await restores.findOne({ where: { id: restoreId }, lock: { mode: 'pessimistic_write' } });
    if (!restore) return null;
    const environment = await manager.findOneByOrFail(Environment, { id: restore.environmentId });
    const found = {
      restore,
      environment,
      done: restore.status === 'SUCCEEDED',
      canceled: isCanceled(restore),
      again: restore.retryRequestedAt !== null || (restore.runId !== null && restore.runId !== runId),
    };
    if (found.done || isHeld(restore, runId)) return found;
    const other = await restores
      .createQueryBuilder('other')
      .where(
        `other.environmentId = :environment AND other.id <> :id AND other.status IN ('QUEUED', 'RUNNING')`,
        {
          environment: restore.environmentId,
          id: restoreId,
        },
      )
      .getOne();
    if (other) throw overtaken(other);
    await restores
      .createQueryBuilder()
      .update()
      .set({ ...takenBy(restore, runId), cleanedAt: null })
      .where('id = :id', { id: restoreId })
      .execute();
    return { ...found, restore: await restores.findOneByOrFail({ id: restoreId }) };
  });
}

function overtaken(other: Restore): StepProblem {
  return new StepProblem('INTERNAL', `Another restore of this destination is under way (${other.id})`, {
    remedy: 'Wait until it has ended, then retry this one if it is still wanted.',
  });
}
