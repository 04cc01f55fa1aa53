import type { DestinationTurn, RestoreStepOrder } from '#schema/domain';
import { Restore } from '#schema/entities';
import { lockEnvironment } from '../jobRow.js';
import type { WorkerTools } from '../workerTools.js';
import { inRestoreStep, type RestoreScene } from './inRestoreStep.js';
import { recordSwitched } from './recordSwitched.js';
import { settleSwitch } from './settleSwitch.js';

/**
 * Settles the switch that an earlier run may have begun: one that proves to be whole ends the restore here, any other is
 * taken back. Then looks whether backups of the destination are under way; later ones wait for the restore.
 */
export async function awaitDestination(
  tools: WorkerTools,
  order: RestoreStepOrder,
): Promise<DestinationTurn> {
  return inRestoreStep(tools, order, 'waiting', async (scene) => {
    const { restore, environment, runId, signal } = scene;
    if (restore.journal && (await settleSwitch(tools, restore, environment, signal)) === 'whole') {
      return {
        waitsFor: null,
        alreadyDone: await recordSwitched(tools, { restore, journal: restore.journal, runId }, []),
      };
    }
    await settleOthers(tools, scene);
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

/** Earlier restores of the destination that failed in their switch, and could not take it back then. */
async function settleOthers(
  tools: WorkerTools,
  { restore, environment, signal }: RestoreScene,
): Promise<void> {
  const others = await tools.catalogue
    .getRepository(Restore)
    .createQueryBuilder('other')
    .where('other.environmentId = :environment AND other.id <> :id', {
      environment: environment.id,
      id: restore.id,
    })
    .andWhere(`other.status IN ('FAILED', 'CANCELED') AND other.journal IS NOT NULL`)
    .orderBy('other.startedAt', 'DESC')
    .getMany();
  for (const other of others) await settleSwitch(tools, other, environment, signal);
}
