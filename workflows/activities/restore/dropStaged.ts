import type { DatabaseAddress } from '#schema/catalogue';
import type { Environment } from '#schema/entities';
import { stagedAreasOf } from '../../engines/media/restore/bucket/bucketAreas.js';
import { stagedPrefixOf } from '../../engines/postgres/restore/names.js';
import { dropDatabase, listDatabases } from '../../engines/postgres/restore/databases.js';
import type { WorkerTools } from '../workerTools.js';
import { destinationBucket } from './destinationBucket.js';
import { destinationFolder } from './destinationFolder.js';
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

/** Removes all media that this restore has staged, whichever attempt did. */
export async function removeStagedMedia(
  tools: WorkerTools,
  restoreId: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  const bucket = await destinationBucket(tools, environment);
  if (bucket) {
    const area = stagedAreasOf(restoreId);
    await tendMedia(tools, { do: 'removeInBucket', what: 'staged', ...bucket, area }, signal);
    return;
  }
  const { path: live, isMountPoint: isInside } = await destinationFolder(tools, environment, signal);
  await tendMedia(tools, { do: 'removeStaged', live, restoreId, isInside }, signal);
}
