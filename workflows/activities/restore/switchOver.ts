import { ApplicationFailure } from '@temporalio/common';
import {
  inputGoneFailure,
  switchStep,
  type Finding,
  type RestoreBackupOutcome,
  type SwitchJournal,
  type SwitchOrder,
} from '#schema/domain';
import { Restore } from '#schema/entities';
import { oldNameOf } from '../../engines/postgres/restore/names.js';
import { databaseOid } from '../../engines/postgres/restore/databases.js';
import { switchDatabases } from '../../engines/postgres/restore/switchDatabases.js';
import { StepProblem } from '../../engines/stepProblem.js';
import { canceledByPerson } from '../attemptStep.js';
import { onceCatalogueAnswers } from '../onceCatalogueAnswers.js';
import type { WorkerTools } from '../workerTools.js';
import { destinationDatabase, isSameDatabase, serverOf } from './destinationDatabase.js';
import { inRestoreStep, type RestoreScene } from './inRestoreStep.js';
import { isSamePlace, mediaBack, mediaForward, switchMedia } from './mediaSwitch.js';
import { recordSwitched } from './recordSwitched.js';
import { replaceInPlace } from './replaceInPlace.js';
import { settleSwitch } from './settleSwitch.js';
import { wasOvertaken } from './wasOvertaken.js';
import { withSwitchLock, type SwitchLock } from './withSwitchLock.js';

/** Whoever is at it needs less, or does not get on. */
const switchWaitMs = 30_000;

/**
 * Swaps the names, database first, and records the success. What it is about to do is written down before, so that whoever
 * comes after a crash goes on from there. From here on nothing is cancelled. One attempt at a time is at it.
 */
export async function switchOver(tools: WorkerTools, order: SwitchOrder): Promise<RestoreBackupOutcome> {
  const row = await onceCatalogueAnswers(() =>
    tools.catalogue.getRepository(Restore).findOneBy({ id: order.restoreId }),
  );
  if (row?.status === 'SUCCEEDED') return { restoreId: row.id, status: 'SUCCEEDED' };
  return inRestoreStep(tools, order, switchStep, async (scene) => {
    // What was replayed of an earlier run is not this run’s: its safety backup may be old.
    if (order.claimedIn !== scene.runId) {
      throw ApplicationFailure.nonRetryable('What an earlier run staged is not used again', inputGoneFailure);
    }
    const { environment, signal } = scene;
    const wait = { waitMs: switchWaitMs, signal };
    return withSwitchLock(tools.catalogue, environment.id, wait, (lock) => alone(tools, scene, order, lock));
  });
}

/** Whoever had the lock before may have done some of it, or all. */
async function alone(
  tools: WorkerTools,
  before: RestoreScene,
  order: SwitchOrder,
  lock: SwitchLock,
): Promise<RestoreBackupOutcome> {
  const { runId } = before;
  const restore = await tools.catalogue.getRepository(Restore).findOneByOrFail({ id: before.restore.id });
  if (restore.status === 'SUCCEEDED') return { restoreId: restore.id, status: 'SUCCEEDED' };
  const journal = restore.journal ?? (await writeJournal(tools, { ...before, restore }, order));
  const scene = { ...before, restore: { ...restore, journal } as Restore };
  const inPlace = await switchAll(tools, scene, journal, lock).catch(async (error: unknown) => {
    await takeBack(tools, scene, lock);
    throw error;
  });
  const warnings = [...(order.database?.warnings ?? []), ...(order.media?.warnings ?? []), ...inPlace];
  return recordSwitched(tools, { restore, journal, runId }, warnings);
}

/** Database first; one that is replaced in place comes last, because media can be switched back. */
async function switchAll(
  tools: WorkerTools,
  scene: RestoreScene,
  { database, media, inPlace }: SwitchJournal,
  lock: SwitchLock,
): Promise<Finding[]> {
  // A wish to cancel that was too late is not heard here.
  const signal = AbortSignal.any([AbortSignal.timeout(tools.stallMs), lock.signal]);
  const mayAct = () => requireOurs(tools, scene, lock);
  if (database) {
    const address = destinationDatabase(tools, scene.environment);
    await switchDatabases({ address, ...database, mayAct, signal });
  }
  if (media) {
    await mayAct();
    await switchMedia(tools, media, { signal, lost: lock.signal, mayAct });
  }
  // This one may take as long as it moves, and may be given up.
  return inPlace
    ? replaceInPlace(tools, scene, { mayAct, signal: AbortSignal.any([scene.signal, lock.signal]) })
    : [];
}

/** Asked of the row first: once the lock proves to be held, nobody has settled it behind our back. */
async function requireOurs(
  { catalogue }: WorkerTools,
  { restore, runId }: RestoreScene,
  lock: SwitchLock,
): Promise<void> {
  const { id } = restore;
  const restores = catalogue.getRepository(Restore);
  const ours = await restores.existsBy({ id, runId, status: 'RUNNING', progress: { phase: switchStep } });
  if (!ours) throw new StepProblem('INTERNAL', 'Another run has taken this job over');
  await lock.requireHeld();
}

/** A switch that failed leaves nothing mixed for as long as the next attempt is waited for. */
async function takeBack(
  tools: WorkerTools,
  { restore, environment }: RestoreScene,
  lock: SwitchLock,
): Promise<void> {
  try {
    const signal = AbortSignal.timeout(tools.stallMs);
    await lock.requireHeld();
    await settleSwitch(tools, restore.id, environment, { lock, signal });
  } catch (error: unknown) {
    tools.log.warn({ restore: restore.id, error: String(error) }, 'could not take a switch back at once');
  }
}

async function writeJournal(
  tools: WorkerTools,
  scene: RestoreScene,
  order: SwitchOrder,
): Promise<SwitchJournal> {
  const { restore, runId } = scene;
  const journal =
    restore.way === 'SWITCH_BACK' ? await backAgain(tools, scene) : await forward(tools, scene, order);
  const { affected } = await tools.catalogue
    .createQueryBuilder()
    .update(Restore)
    .set({ journal })
    .where(
      `id = :id AND run_id = :runId AND status = 'RUNNING' AND progress_phase = 'switch'
         AND NOT COALESCE(cancel_requested_at > started_at, false)`,
      { id: restore.id, runId },
    )
    .execute();
  // The last look for a wish to cancel: from here on none is taken any more.
  if (affected !== 1) throw canceledByPerson();
  return journal;
}

async function forward(
  tools: WorkerTools,
  scene: RestoreScene,
  { database, media }: SwitchOrder,
): Promise<SwitchJournal> {
  const { restore, environment, signal } = scene;
  const journal: SwitchJournal = { database: null, media: null, inPlace: database?.staged === null };
  if (database?.staged) {
    const address = destinationDatabase(tools, environment);
    const live = address.database;
    journal.database = {
      server: serverOf(address),
      live,
      staged: database.staged.name,
      old: oldNameOf(live, restore.id),
      liveOid: await databaseOid(address, live, signal),
      stagedOid: database.staged.oid,
    };
  }
  if (media) journal.media = await mediaForward(tools, scene, media);
  return journal;
}

/** What the undone restore replaced goes live again, and what it put there is kept in its place. */
async function backAgain(tools: WorkerTools, scene: RestoreScene): Promise<SwitchJournal> {
  const { restore, environment } = scene;
  const undone =
    restore.undoesId && (await tools.catalogue.getRepository(Restore).findOneBy({ id: restore.undoesId }));
  if (!undone || !undone.journal || undone.journal.isBeingDropped || undone.replacedDroppedAt) {
    throw new StepProblem('BACKUP_GONE', 'What the restore replaced is no longer kept', {
      remedy: 'Undo it from its safety backup.',
    });
  }
  const { database, media } = undone.journal;
  if (await wasOvertaken(tools.catalogue, undone))
    throw elsewhere('Another restore of the destination has come since');
  if (database && !isSameDatabase(destinationDatabase(tools, environment), database)) {
    throw elsewhere('The destination has another database by now');
  }
  if (media && !(await isSamePlace(tools, scene, media))) {
    throw elsewhere('The destination has another media folder by now');
  }
  return {
    database: database?.liveOid
      ? {
          server: database.server,
          live: database.live,
          staged: database.old,
          old: oldNameOf(database.live, restore.id),
          liveOid: database.stagedOid,
          stagedOid: database.liveOid,
        }
      : null,
    media: media?.liveIno ? await mediaBack(tools, scene, media) : null,
    inPlace: false,
  };
}

function elsewhere(what: string): StepProblem {
  return new StepProblem('BACKUP_GONE', what, { remedy: 'Restore its safety backup instead.' });
}
