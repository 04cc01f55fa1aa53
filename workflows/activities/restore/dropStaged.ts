import type { DatabaseAddress } from '#schema/catalogue';
import { stagedPlacesLeft } from '../../engines/media/restore/restorePlaces.js';
import type { FolderSurvey } from '../../engines/media/restore/surveyFolder.js';
import { stagedPrefixOf } from '../../engines/postgres/restore/names.js';
import { dropDatabase, listDatabases } from '../../engines/postgres/restore/databases.js';
import type { WorkerTools } from '../workerTools.js';
import { tendMedia } from './tendMedia.js';

/** Drops every database that this restore has staged, whichever attempt made it. */
export async function dropStagedDatabases(
  address: DatabaseAddress,
  restoreId: string,
  signal: AbortSignal,
): Promise<void> {
  for (const { name, oid } of await listDatabases(
    address,
    stagedPrefixOf(address.database, restoreId),
    signal,
  )) {
    await dropDatabase({ address, name, oid, signal });
  }
}

/** Removes every folder that this restore has staged, whichever attempt made it. */
export async function removeStagedFolders(
  tools: WorkerTools,
  live: FolderSurvey,
  restoreId: string,
  signal: AbortSignal,
): Promise<void> {
  for (const folder of stagedPlacesLeft(live.path, restoreId, live.isMountPoint))
    await tendMedia(tools, { do: 'remove', path: folder }, signal);
}
