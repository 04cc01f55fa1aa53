import { Environment, Restore } from '#schema/entities';
import { inRounds } from '../inRounds.js';
import type { WorkerTools } from '../workerTools.js';
import { dropAtFormerAddress } from './dropAtFormerAddress.js';
import { dropReplaced } from './dropReplaced.js';
import { removeStaged } from './removeStaged.js';
import { recordLate } from './recordLate.js';
import { settleSwitch } from './settleSwitch.js';
import { withSwitchLock, type SwitchLock } from './withSwitchLock.js';

const everyMs = 10_000;
const lockId = 4_846_002;

/**
 * What no run of a restore does any more: drops what was replaced once its time is over, and clears up after runs that were
 * ended in Temporal. Answers with what ends it.
 */
export function startHousekeeping(tools: WorkerTools): () => void {
  return inRounds(tools, {
    lockId,
    everyMs,
    what: 'the restores’ housekeeping',
    round: async (stop) => {
      await dropExpired(tools, stop);
      await clearEnded(tools, stop);
    },
  });
}

/** Also by one that failed in its switch and has not been settled. */
const isBeingUndone = `EXISTS (SELECT FROM restores undo WHERE undo.undoes_id = restore.id AND
  (undo.status IN ('QUEUED', 'RUNNING') OR (undo.status IN ('FAILED', 'CANCELED') AND undo.journal IS NOT NULL)))`;
/** One that is under way at the destination settles what others left there by itself. */
const hasRestoreUnderWay = `EXISTS (SELECT FROM restores other WHERE other.environment_id = restore.environment_id AND
  other.status IN ('QUEUED', 'RUNNING'))`;

async function dropExpired(tools: WorkerTools, stop: AbortSignal): Promise<void> {
  const expired = await tools.catalogue
    .getRepository(Restore)
    .createQueryBuilder('restore')
    .where(`restore.status = 'SUCCEEDED' AND restore.undoUntil < now() AND restore.replacedDroppedAt IS NULL`)
    // What is being switched back to is in use.
    .andWhere(`NOT ${isBeingUndone}`)
    .orderBy('random()')
    .take(20)
    .getMany();
  for (const { id, environmentId } of expired)
    await one(tools, { id, environmentId }, stop, async (signal) => {
      // Said first: an undo that begins from now on does not switch back to half of it.
      await tools.catalogue.query(
        `UPDATE restores restore SET journal = journal || '{"isBeingDropped": true}'
         WHERE id = $1 AND journal IS NOT NULL AND NOT ${isBeingUndone}`,
        [id],
      );
      const restores = tools.catalogue.getRepository(Restore);
      const restore = await restores.findOneByOrFail({ id });
      if (restore.journal && !restore.journal.isBeingDropped) return;
      await dropAtFormerAddress(tools, restore, signal);
      await dropReplaced(tools, await restores.findOneByOrFail({ id }), signal);
    });
}

async function clearEnded(tools: WorkerTools, stop: AbortSignal): Promise<void> {
  const ended = await tools.catalogue
    .getRepository(Restore)
    .createQueryBuilder('restore')
    .where(
      `restore.status IN ('FAILED', 'CANCELED') AND restore.runId IS NOT NULL AND restore.cleanedAt IS NULL`,
    )
    // Whatever was still at work has heard by then that it is over.
    .andWhere(`restore.updatedAt < now() - interval '20 seconds'`)
    .andWhere(`NOT ${hasRestoreUnderWay}`)
    // Those that cannot be ended now keep nobody else waiting for long.
    .orderBy('random()')
    .take(20)
    .getMany();
  for (const restore of ended)
    await one(tools, restore, stop, (signal, lock) => clear(tools, restore, signal, lock));
}

async function clear(
  tools: WorkerTools,
  restore: Restore,
  signal: AbortSignal,
  lock: SwitchLock,
): Promise<void> {
  const environment = await tools.catalogue
    .getRepository(Environment)
    .findOneByOrFail({ id: restore.environmentId });
  const restores = tools.catalogue.getRepository(Restore);
  // Whoever runs it again meanwhile clears up by itself.
  const ended = { id: restore.id, status: restore.status, runId: restore.runId ?? '' };
  if (!(await restores.existsBy(ended))) return;
  const settled = await settleSwitch(tools, restore.id, environment, { lock, signal });
  if (settled.end === 'whole') return recordLate(tools, settled.restore);
  await removeStaged(tools, restore, environment, signal);
  await restores.update(ended, { cleanedAt: new Date() });
}

/** Who works at the destination by itself is left alone. */
async function one(
  tools: WorkerTools,
  { id, environmentId }: Pick<Restore, 'id' | 'environmentId'>,
  stop: AbortSignal,
  work: (signal: AbortSignal, lock: SwitchLock) => Promise<void>,
): Promise<void> {
  if (stop.aborted) return;
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(tools.stallMs)]);
    await withSwitchLock(tools.catalogue, environmentId, { waitMs: 0, signal }, (lock) =>
      work(AbortSignal.any([signal, lock.signal]), lock),
    );
  } catch (error: unknown) {
    tools.log.warn({ restore: id, error: String(error) }, 'housekeeping could not end what a restore left');
  }
}
