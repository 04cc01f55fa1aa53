import type { SettleOrder } from '#schema/domain';
import { Backup } from '#schema/entities';
import { backupPrefix } from '#schema/domain';
import { unlessStorageHangs } from '../../engines/storage/unlessStorageHangs.js';
import { runOfThisActivity } from '../attemptStep.js';
import { removeLeftovers } from './storedObjects.js';
import type { WorkerTools } from '../workerTools.js';

const cleanUpTries = 3;

/**
 * Removes everything that the backup has in storage, then records how it ended. A clean-up that fails never changes
 * what happened: the failure is recorded all the same, and what is left is removed by the next run.
 */
export async function cleanUpBackup(tools: WorkerTools, order: SettleOrder): Promise<void> {
  const runId = runOfThisActivity();
  const backup = await fence(tools, order, runId);
  if (!backup) return;
  await removeAll(tools, backup);
  // Replayed in a later run, the failure is that of the run before: recording it would undo the replay.
  if (order.claimedIn !== runId) return;
  await tools.catalogue
    .createQueryBuilder()
    .update(Backup)
    .set({
      status: order.failure ? 'FAILED' : 'CANCELED',
      failure: order.failure,
      finishedAt: () => 'clock_timestamp()',
      progress: { phase: backup.progress.phase, bytesPerSecond: null, secondsLeft: null },
    })
    .where(`id = :id AND run_id = :runId AND status <> 'SUCCEEDED'`, { id: backup.id, runId })
    .execute();
}

/**
 * From here on no attempt that comes back late can seal or report; null where the backup is sealed, or where another run
 * has it by now.
 */
async function fence(
  tools: WorkerTools,
  { backupId: id, claimedIn }: SettleOrder,
  runId: string,
): Promise<Backup | null> {
  const backups = tools.catalogue.getRepository(Backup);
  const backup = await backups.findOneBy({ id });
  const { affected } = await backups
    .createQueryBuilder()
    .update()
    .set({ progress: { phase: 'cleaning' } })
    .where(`id = :id AND status <> 'SUCCEEDED' AND run_id IN (:...runs)`, { id, runs: [runId, claimedIn] })
    .execute();
  return affected === 1 ? backup : null;
}

async function removeAll(tools: WorkerTools, backup: Backup): Promise<void> {
  for (let attempt = 1; attempt <= cleanUpTries; attempt += 1) {
    try {
      return await unlessStorageHangs(tools.storage, tools.stallMs, async (storage) => {
        await removeLeftovers(tools.catalogue, storage, backup, []);
        await storage.remove(backupPrefix(backup, backup.id));
      });
    } catch (error: unknown) {
      tools.log.warn(
        { backup: backup.id, attempt, error: String(error) },
        'could not clean up after a backup',
      );
      await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
    }
  }
}
