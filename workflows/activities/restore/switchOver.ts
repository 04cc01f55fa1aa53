import { ApplicationFailure } from '@temporalio/common';
import {
  inputGoneFailure,
  switchStep,
  type Finding,
  type MediaSwitch,
  type RestoreBackupOutcome,
  type SwitchJournal,
  type SwitchOrder,
} from '#schema/domain';
import { Restore } from '#schema/entities';
import { folderIno, oldPlaceOf } from '../../engines/media/restore/restorePlaces.js';
import { oldNameOf } from '../../engines/postgres/restore/names.js';
import { databaseOid } from '../../engines/postgres/restore/databases.js';
import { switchDatabases } from '../../engines/postgres/restore/switchDatabases.js';
import { StepProblem } from '../../engines/stepProblem.js';
import { canceledByPerson } from '../attemptStep.js';
import { onceCatalogueAnswers } from '../onceCatalogueAnswers.js';
import type { WorkerTools } from '../workerTools.js';
import { destinationDatabase, isSameDatabase, serverOf } from './destinationDatabase.js';
import { destinationFolder } from './destinationFolder.js';
import { inRestoreStep, type RestoreScene } from './inRestoreStep.js';
import { recordSwitched } from './recordSwitched.js';
import { replaceInPlace } from './replaceInPlace.js';
import { settleSwitch } from './settleSwitch.js';
import { tendMedia } from './tendMedia.js';
import { wasOvertaken } from './wasOvertaken.js';

/**
 * Swaps the names, database first, and records the success. What it is about to do is written down before, so that whoever
 * comes after a crash goes on from there. From here on nothing is cancelled.
 */
export async function switchOver(tools: WorkerTools, order: SwitchOrder): Promise<RestoreBackupOutcome> {
  const row = await onceCatalogueAnswers(() =>
    tools.catalogue.getRepository(Restore).findOneBy({ id: order.restoreId }),
  );
  if (row?.status === 'SUCCEEDED') return { restoreId: row.id, status: 'SUCCEEDED' };
  return inRestoreStep(tools, order, switchStep, async (scene) => {
    const { restore, runId } = scene;
    // What was replayed of an earlier run is not this run’s: its safety backup may be old.
    if (order.claimedIn !== runId) {
      throw ApplicationFailure.nonRetryable('What an earlier run staged is not used again', inputGoneFailure);
    }
    const journal = restore.journal ?? (await writeJournal(tools, scene, order));
    const inPlace = await switchAll(tools, scene, journal).catch(async (error: unknown) => {
      await takeBack(tools, scene);
      throw error;
    });
    const warnings = [...(order.database?.warnings ?? []), ...(order.media?.warnings ?? []), ...inPlace];
    return recordSwitched(tools, { restore, journal, runId }, warnings);
  });
}

/** Database first; one that is replaced in place comes last, because media can be switched back. */
async function switchAll(
  tools: WorkerTools,
  scene: RestoreScene,
  { database, media, inPlace }: SwitchJournal,
): Promise<Finding[]> {
  // A wish to cancel that was too late is not heard here.
  const signal = AbortSignal.timeout(tools.stallMs);
  if (database) {
    const address = destinationDatabase(tools, scene.environment);
    await switchDatabases({ address, ...database, signal });
  }
  if (media) {
    await tendMedia(tools, { do: 'switch', folders: media }, signal);
    // Its entries have moved; of an undo the journal of the switch before is left in it.
    if (media.keepFolder) await tendMedia(tools, { do: 'remove', path: media.staged }, signal);
  }
  return inPlace ? replaceInPlace(tools, scene) : [];
}

/** A switch that failed leaves nothing mixed for as long as the next attempt is waited for. */
async function takeBack(tools: WorkerTools, { restore, environment }: RestoreScene): Promise<void> {
  try {
    const now = await tools.catalogue.getRepository(Restore).findOneByOrFail({ id: restore.id });
    await settleSwitch(tools, now, environment, AbortSignal.timeout(tools.stallMs));
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
  { restore, environment, signal }: RestoreScene,
  { database, media }: SwitchOrder,
): Promise<SwitchJournal> {
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
  if (media) {
    const live = await destinationFolder(tools, environment, signal);
    journal.media = {
      live: live.path,
      staged: media.path,
      old: oldPlaceOf(live.path, restore.id, live.isMountPoint),
      liveIno: live.ino,
      stagedIno: media.ino,
      keepFolder: live.isMountPoint || environment.keepMediaFolder,
    };
  }
  return journal;
}

/** What the undone restore replaced goes live again, and what it put there is kept in its place. */
async function backAgain(
  tools: WorkerTools,
  { restore, environment, signal }: RestoreScene,
): Promise<SwitchJournal> {
  const undone =
    restore.undoesId && (await tools.catalogue.getRepository(Restore).findOneBy({ id: restore.undoesId }));
  if (!undone || !undone.journal || undone.replacedDroppedAt) {
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
  if (media && (await destinationFolder(tools, environment, signal)).path !== media.live) {
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
    media: media?.liveIno ? mediaBack(media, restore.id) : null,
    inPlace: false,
  };
}

function elsewhere(what: string): StepProblem {
  return new StepProblem('BACKUP_GONE', what, { remedy: 'Restore its safety backup instead.' });
}

function mediaBack(media: MediaSwitch, restoreId: string): MediaSwitch {
  const isInside = media.old.startsWith(`${media.live}/`);
  const stagedIno = folderIno(media.old);
  if (stagedIno === null) {
    throw new StepProblem('BACKUP_GONE', `What the restore replaced is no longer at “${media.old}”`, {
      remedy: 'Undo it from its safety backup.',
    });
  }
  return {
    ...media,
    staged: media.old,
    old: oldPlaceOf(media.live, restoreId, isInside),
    // A folder that stays is the same before and after.
    liveIno: media.keepFolder ? media.liveIno : media.stagedIno,
    stagedIno,
  };
}
