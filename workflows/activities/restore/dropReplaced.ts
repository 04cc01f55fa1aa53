import type { MediaSwitch } from '#schema/domain';
import { Environment, Restore } from '#schema/entities';
import { dropDatabase } from '../../engines/postgres/restore/databases.js';
import type { WorkerTools } from '../workerTools.js';
import { isInBucket, isSameBucket, removeReplacedIn } from './bucketSwitch.js';
import { destinationDatabase, isSameDatabase } from './destinationDatabase.js';
import { tendMedia } from './tendMedia.js';

/** Drops what a restore replaced, once it is kept no longer; what is no longer the same is left alone. */
export async function dropReplaced(tools: WorkerTools, restore: Restore, signal: AbortSignal): Promise<void> {
  const environment = await tools.catalogue
    .getRepository(Environment)
    .findOneByOrFail({ id: restore.environmentId });
  const { database, media } = restore.journal ?? { database: null, media: null };
  const address =
    database?.liveOid && environment.hasDatabase ? destinationDatabase(tools, environment) : null;
  if (database?.liveOid && (!address || !isSameDatabase(address, database))) {
    const { server, old } = database;
    tools.log.warn(
      { restore: restore.id, server, database: old },
      'what was replaced lies where Holdfast has no way any more',
    );
  } else if (database?.liveOid && address) {
    await dropDatabase({ address, name: database.old, oid: database.liveOid, signal });
  }
  if (media?.liveIno) await dropMedia(tools, restore, environment, media, signal);
  await tools.catalogue.getRepository(Restore).update(restore.id, { replacedDroppedAt: new Date() });
}

async function dropMedia(
  tools: WorkerTools,
  restore: Restore,
  environment: Environment,
  media: MediaSwitch,
  signal: AbortSignal,
): Promise<void> {
  const { old, keepFolder, liveIno } = media;
  if (isInBucket(media)) {
    if (isSameBucket(environment, media)) {
      // A run that died right after its switch has left what it switched to.
      for (const area of [old, media.staged]) await removeReplacedIn(tools, media, area, signal);
      return;
    }
    const { bucket, prefix } = media.bucket.place;
    tools.log.warn(
      { restore: restore.id, bucket, objects: prefix + old },
      'what was replaced lies where Holdfast has no way any more',
    );
    return;
  }
  const isSame = keepFolder || (await tendMedia(tools, { do: 'identify', path: old }, signal)) === liveIno;
  if (isSame) await tendMedia(tools, { do: 'remove', path: old }, signal);
}
