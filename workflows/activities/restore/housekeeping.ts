import { Environment, Restore } from '#schema/entities';
import type { WorkerTools } from '../workerTools.js';
import { dropReplaced } from './dropReplaced.js';
import { removeStaged } from './removeStaged.js';
import { recordLate } from './recordLate.js';
import { settleSwitch } from './settleSwitch.js';

const everyMs = 10_000;
const lockId = 4_846_002;

/**
 * What no run of a restore does any more: drops what was replaced once its time is over, and clears up after runs that were
 * ended in Temporal. One worker at a time; what fails is tried again in the next round. Answers with what ends it.
 */
export function startHousekeeping(tools: WorkerTools): () => void {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  const next = () => {
    round(tools, stopping.signal)
      .catch((error: unknown) => tools.log.warn({ error: String(error) }, 'a round of housekeeping failed'))
      .finally(() => {
        if (!stopping.signal.aborted) timer = setTimeout(next, everyMs);
      });
  };
  timer = setTimeout(next, everyMs);
  return () => {
    stopping.abort();
    if (timer) clearTimeout(timer);
  };
}

async function round(tools: WorkerTools, stop: AbortSignal): Promise<void> {
  const lock = tools.catalogue.createQueryRunner();
  try {
    const [mine] = (await lock.query('SELECT pg_try_advisory_lock($1) AS mine', [lockId])) as Array<{
      mine: boolean;
    }>;
    if (!mine?.mine) return;
    try {
      await dropExpired(tools, stop);
      await clearEnded(tools, stop);
    } finally {
      await lock.query('SELECT pg_advisory_unlock($1)', [lockId]);
    }
  } finally {
    await lock.release();
  }
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
  for (const restore of expired)
    await one(tools, restore, stop, async (signal) => {
      // An undo may have begun again since the list was read.
      const [still] = (await tools.catalogue.query(
        `SELECT FROM restores restore WHERE id = $1 AND NOT ${isBeingUndone}`,
        [restore.id],
      )) as unknown[];
      if (still) await dropReplaced(tools, restore, signal);
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
  for (const restore of ended) await one(tools, restore, stop, (signal) => clear(tools, restore, signal));
}

async function clear(tools: WorkerTools, restore: Restore, signal: AbortSignal): Promise<void> {
  const environment = await tools.catalogue
    .getRepository(Environment)
    .findOneByOrFail({ id: restore.environmentId });
  const restores = tools.catalogue.getRepository(Restore);
  // Whoever runs it again meanwhile clears up by itself.
  const ended = { id: restore.id, status: restore.status, runId: restore.runId ?? '' };
  if (!(await restores.existsBy(ended))) return;
  if (restore.journal && (await settleSwitch(tools, restore, environment, signal)) === 'whole') {
    return recordLate(tools, restore);
  }
  await removeStaged(tools, restore, environment, signal);
  await restores.update(ended, { cleanedAt: new Date() });
}

async function one(
  tools: WorkerTools,
  restore: Restore,
  stop: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (stop.aborted) return;
  try {
    await work(AbortSignal.any([stop, AbortSignal.timeout(tools.stallMs)]));
  } catch (error: unknown) {
    tools.log.warn(
      { restore: restore.id, error: String(error) },
      'housekeeping could not end what a restore left',
    );
  }
}
