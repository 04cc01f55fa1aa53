import { databaseUrlPlace, parseDatabaseUrl } from '#schema/catalogue';
import { Environment, Restore } from '#schema/entities';
import { dropDatabase } from '../../engines/postgres/restore/databases.js';
import type { WorkerTools } from '../workerTools.js';
import { destinationDatabase, isSameDatabase } from './destinationDatabase.js';

/** How long a server that does not let us in is asked again, in milliseconds after the undo period. */
const patienceMs = 7 * 24 * 3_600_000;

/**
 * Drops the replaced database where the environment has given up its address since, and forgets that address. Does nothing
 * where the environment still has it.
 */
export async function dropAtFormerAddress(
  tools: WorkerTools,
  { id, environmentId, journal, undoUntil }: Restore,
  signal: AbortSignal,
): Promise<void> {
  const database = journal?.database;
  if (!journal || !database?.addressSealed) return;
  const { addressSealed, old, liveOid, server } = database;
  const environment = await tools.catalogue.getRepository(Environment).findOneByOrFail({ id: environmentId });
  // Its password may be a newer one.
  if (environment.hasDatabase && isSameDatabase(destinationDatabase(tools, environment), database)) return;
  try {
    const address = parseDatabaseUrl(tools.secretBox.open(addressSealed, databaseUrlPlace(environmentId)));
    if (liveOid !== null) await dropDatabase({ address, name: old, oid: liveOid, signal });
  } catch (error: unknown) {
    if (signal.aborted || Date.now() < (undoUntil?.getTime() ?? 0) + patienceMs) throw error;
    tools.log.warn(
      { restore: id, server, database: old },
      'what was replaced could not be dropped and stays',
    );
  }
  await tools.catalogue.getRepository(Restore).update(id, { journal: { ...journal, database: null } });
}
