import type { RestoreBackupOutcome, SettleRestoreOrder, SwitchJournal } from '#schema/domain';
import { Environment, Restore } from '#schema/entities';
import { runOfThisActivity } from '../attemptStep.js';
import type { WorkerTools } from '../workerTools.js';
import { removeStaged } from './removeStaged.js';
import { recordSwitched } from './recordSwitched.js';
import { settleSwitch, type Settled } from './settleSwitch.js';
import { withSwitchLock } from './withSwitchLock.js';

const tries = 5;
const lockWaitMs = 5_000;

/**
 * Takes back a switch that was begun, removes what was staged, then records how the restore ended. What cannot be done
 * now is done by the worker’s housekeeping: it never changes what is recorded. A switch that proves to be whole is recorded as
 * the success that it is, and answered.
 */
export async function cleanUpRestore(
  tools: WorkerTools,
  order: SettleRestoreOrder,
): Promise<RestoreBackupOutcome | null> {
  const runId = runOfThisActivity();
  const restore = await fence(tools, order, runId);
  if (!restore) return null;
  const environment = await tools.catalogue
    .getRepository(Environment)
    .findOneByOrFail({ id: restore.environmentId });
  const left = await settle(tools, restore, environment);
  // Replayed in a later run, the failure is that of the run before: recording it would undo the replay.
  if (order.claimedIn !== runId) return null;
  if (typeof left === 'object') {
    await tools.catalogue.getRepository(Restore).update(restore.id, { progress: { phase: 'switch' } });
    return recordSwitched(tools, { restore, journal: left.whole, runId }, []);
  }
  await tools.catalogue
    .createQueryBuilder()
    .update(Restore)
    .set({
      status: order.failure ? 'FAILED' : 'CANCELED',
      failure: order.failure,
      finishedAt: () => 'clock_timestamp()',
      cleanedAt: left === 'clean' ? () => 'clock_timestamp()' : null,
      progress: { phase: restore.progress.phase, bytesPerSecond: null, secondsLeft: null },
    })
    .where(`id = :id AND run_id = :runId AND status <> 'SUCCEEDED'`, { id: restore.id, runId })
    .execute();
  return null;
}

/** From here on no attempt that comes back late can report or switch. Answers with the row as it was. */
async function fence(
  tools: WorkerTools,
  { restoreId: id, claimedIn }: SettleRestoreOrder,
  runId: string,
): Promise<Restore | null> {
  const restores = tools.catalogue.getRepository(Restore);
  const restore = await restores.findOneBy({ id });
  const { affected } = await restores
    .createQueryBuilder()
    .update()
    .set({ progress: { phase: 'cleaning' } })
    .where(`id = :id AND status <> 'SUCCEEDED' AND run_id IN (:...runs)`, { id, runs: [runId, claimedIn] })
    .execute();
  return affected === 1 ? restore : null;
}

async function settle(
  tools: WorkerTools,
  restore: Restore,
  environment: Environment,
): Promise<'clean' | 'left' | { whole: SwitchJournal }> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const signal = AbortSignal.timeout(tools.stallMs);
    try {
      const settled = await settleUnderLock(tools, restore, environment, signal);
      if (settled.end === 'whole') return { whole: settled.journal };
      await removeStaged(tools, restore, environment, signal);
      return 'clean';
    } catch (error: unknown) {
      tools.log.warn(
        { restore: restore.id, attempt, error: String(error) },
        'could not clean up after a restore',
      );
      await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
    }
  }
  return 'left';
}

/** Asked anew: a late attempt may have written its journal just before the fence. */
async function settleUnderLock(
  tools: WorkerTools,
  { id }: Restore,
  environment: Environment,
  signal: AbortSignal,
): Promise<Settled> {
  const now = await tools.catalogue.getRepository(Restore).findOneByOrFail({ id });
  if (!now.journal) return { end: 'taken back' };
  return withSwitchLock(tools.catalogue, environment.id, { waitMs: lockWaitMs, signal }, (lock) =>
    settleSwitch(tools, id, environment, { lock, signal }),
  );
}
