import type { DestinationTurn, RestoreBackupOutcome, RestoreStepOrder } from '#schema/domain';
import { Restore } from '#schema/entities';
import { lockEnvironment } from '../jobRow.js';
import type { WorkerTools } from '../workerTools.js';
import { inRestoreStep, type RestoreScene } from './inRestoreStep.js';
import { recordSwitched } from './recordSwitched.js';
import { settleSwitch } from './settleSwitch.js';
import { withSwitchLock } from './withSwitchLock.js';

const lockWaitMs = 30_000;

/**
 * Settles the switch that an earlier run may have begun: one that proves to be whole ends the restore here, any other is
 * taken back. Then looks whether backups of the destination are under way; later ones wait for the restore.
 */
export async function awaitDestination(
  tools: WorkerTools,
  order: RestoreStepOrder,
): Promise<DestinationTurn> {
  return inRestoreStep(tools, order, 'waiting', async (scene) => {
    const { restore, environment } = scene;
    const done = await settleEarlier(tools, scene);
    if (done) return { waitsFor: null, alreadyDone: done };
    const [busy] = await tools.catalogue.transaction(async (manager) => {
      await lockEnvironment(manager, environment.id);
      return manager.query<Array<{ id: string }>>(
        `SELECT id FROM backups WHERE environment_id = $1 AND status = 'RUNNING' AND progress_phase <> 'waiting'
           AND protects_restore_id IS DISTINCT FROM $2 LIMIT 1`,
        [environment.id, restore.id],
      );
    });
    return { waitsFor: busy ? `the backup ${busy.id} of the destination` : null, alreadyDone: null };
  });
}

/** Its own switch, and those of earlier restores of the destination that failed in it and could not take it back then. */
async function settleEarlier(
  tools: WorkerTools,
  { restore, environment, runId, signal }: RestoreScene,
): Promise<RestoreBackupOutcome | null> {
  const others = await unsettledOthers(tools, restore);
  if (!restore.journal && others.length === 0) return null;
  return withSwitchLock(tools.catalogue, environment.id, { waitMs: lockWaitMs, signal }, async (lock) => {
    if (restore.journal) {
      const settled = await settleSwitch(tools, restore.id, environment, { lock, signal });
      if (settled.end === 'whole') return recordSwitched(tools, { ...settled, runId }, []);
    }
    for (const { id } of others) await settleSwitch(tools, id, environment, { lock, signal });
    return null;
  });
}

async function unsettledOthers(tools: WorkerTools, { id, environmentId }: Restore): Promise<Restore[]> {
  return tools.catalogue
    .getRepository(Restore)
    .createQueryBuilder('other')
    .where('other.environmentId = :environmentId AND other.id <> :id', { environmentId, id })
    .andWhere(`other.status IN ('FAILED', 'CANCELED') AND other.journal IS NOT NULL`)
    .orderBy('other.startedAt', 'DESC')
    .getMany();
}
