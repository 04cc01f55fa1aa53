import type { SwitchJournal } from '#schema/domain';
import { Restore, type Environment } from '#schema/entities';
import { databaseOid } from '../../engines/postgres/restore/databases.js';
import { switchBackDatabases } from '../../engines/postgres/restore/switchBackDatabases.js';
import { endEarlierSwitch } from '../../engines/postgres/restore/switchSessions.js';
import type { WorkerTools } from '../workerTools.js';
import { StepProblem } from '../../engines/stepProblem.js';
import { destinationDatabase, isSameDatabase } from './destinationDatabase.js';
import { isMediaSwitched, switchMediaBack } from './mediaSwitch.js';
import { wasCommittedInPlace } from './wasCommittedInPlace.js';
import { wasOvertaken } from './wasOvertaken.js';
import type { SwitchLock } from './withSwitchLock.js';

/** What became of a switch that was written down; of one that is whole, what had been written. */
export type Settled = { end: 'whole'; restore: Restore; journal: SwitchJournal } | { end: 'taken back' };

/**
 * Makes an end of a switch that was written down and not recorded as done: one that is whole is left so, any other is
 * taken back, media first, as if it had never begun. Only for who holds the lock of the destination: what is written down is
 * read anew.
 */
export async function settleSwitch(
  tools: WorkerTools,
  restoreId: string,
  environment: Environment,
  { lock, signal }: { lock: SwitchLock; signal: AbortSignal },
): Promise<Settled> {
  const restore = await tools.catalogue.getRepository(Restore).findOneByOrFail({ id: restoreId });
  const { journal } = restore;
  if (!journal || restore.status === 'SUCCEEDED') return { end: 'taken back' };
  // What came since then stands: this one’s switch is history, whatever became of it.
  if (await wasOvertaken(tools.catalogue, restore)) return forget(tools, restore, journal);
  const { database, media, inPlace } = journal;
  const address = database && destinationDatabase(tools, environment);
  if (address && !isSameDatabase(address, database)) throw elsewhere();
  if (address) await endEarlierSwitch(address, database.live, signal);
  const databaseDone = address
    ? (await databaseOid(address, database.live, signal)) === database.stagedOid
    : !inPlace || (await wasCommittedInPlace(tools, restore, environment, signal));
  const mediaDone = !media || (await isMediaSwitched(tools, media, signal));
  if (databaseDone && mediaDone) return { end: 'whole', restore, journal };
  const mayAct = () => lock.requireHeld();
  await mayAct();
  if (media) {
    const lost = lock.signal;
    await switchMediaBack(tools, media, { signal: AbortSignal.any([signal, lost]), lost, mayAct });
  }
  if (address) await switchBackDatabases({ address, ...database, signal, mayAct });
  return forget(tools, restore, journal);
}

function elsewhere(): StepProblem {
  return new StepProblem(
    'DATABASE_RESTORE_FAILED',
    'The destination has another database than when it was switched',
    { remedy: 'Give the environment the address that it had, then retry.' },
  );
}

/** Only this journal: a later run may have written its own by now. */
async function forget(
  { catalogue }: WorkerTools,
  { id }: Restore,
  journal: SwitchJournal,
): Promise<{ end: 'taken back' }> {
  await catalogue.query('UPDATE restores SET journal = NULL WHERE id = $1 AND journal = $2::jsonb', [
    id,
    JSON.stringify(journal),
  ]);
  return { end: 'taken back' };
}
