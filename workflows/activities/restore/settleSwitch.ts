import type { MediaSwitch, SwitchJournal } from '#schema/domain';
import type { Environment, Restore } from '#schema/entities';
import { folderIno } from '../../engines/media/restore/restorePlaces.js';
import { readSwitch } from '../../engines/media/restore/switchJournal.js';
import { databaseOid } from '../../engines/postgres/restore/databases.js';
import { switchBackDatabases } from '../../engines/postgres/restore/switchBackDatabases.js';
import type { WorkerTools } from '../workerTools.js';
import { StepProblem } from '../../engines/stepProblem.js';
import { destinationDatabase, isSameDatabase } from './destinationDatabase.js';
import { tendMedia } from './tendMedia.js';
import { wasOvertaken } from './wasOvertaken.js';

/**
 * Makes an end of a switch that was written down and not recorded as done: one that is `whole` is left so, any other is
 * taken back, media first, as if it had never begun.
 */
export async function settleSwitch(
  tools: WorkerTools,
  restore: Restore,
  environment: Environment,
  signal: AbortSignal,
): Promise<'whole' | 'taken back'> {
  const { journal } = restore;
  if (!journal) return 'taken back';
  // What came since then stands: this one’s switch is history, whatever became of it.
  if (await wasOvertaken(tools.catalogue, restore)) return forget(tools, restore, journal);
  const { database, media, inPlace } = journal;
  const address = database && destinationDatabase(tools, environment);
  if (address && !isSameDatabase(address, database)) {
    throw new StepProblem(
      'DATABASE_RESTORE_FAILED',
      'The destination has another database than when it was switched',
      {
        remedy: 'Give the environment the address that it had, then retry.',
      },
    );
  }
  const databaseDone = !address || (await databaseOid(address, database.live, signal)) === database.stagedOid;
  const mediaDone = !media || isSwitched(media);
  // What is replaced in place leaves no name by which it could be told that it was.
  if (databaseDone && mediaDone && !inPlace) return 'whole';
  if (media) await tendMedia(tools, { do: 'switchBack', folders: media }, signal);
  if (address) await switchBackDatabases({ address, ...database, signal });
  return forget(tools, restore, journal);
}

/** Only this journal: a later run may have written its own by now. */
async function forget(
  { catalogue }: WorkerTools,
  { id }: Restore,
  journal: SwitchJournal,
): Promise<'taken back'> {
  await catalogue.query('UPDATE restores SET journal = NULL WHERE id = $1 AND journal = $2::jsonb', [
    id,
    JSON.stringify(journal),
  ]);
  return 'taken back';
}

function isSwitched(media: MediaSwitch): boolean {
  if (!media.keepFolder || media.liveIno === null) return folderIno(media.live) === media.stagedIno;
  // Where entries are moved, what was written down among the replaced ones tells.
  const state = readSwitch(media.old);
  return state?.toward === 'new' && state.phase === 'done';
}
