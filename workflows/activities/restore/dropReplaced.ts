import { Environment, Restore } from '#schema/entities';
import { folderIno } from '../../engines/media/restore/restorePlaces.js';
import { dropDatabase } from '../../engines/postgres/restore/databases.js';
import type { WorkerTools } from '../workerTools.js';
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
  if (media?.liveIno && (media.keepFolder || folderIno(media.old) === media.liveIno)) {
    await tendMedia(tools, { do: 'remove', path: media.old }, signal);
  }
  await tools.catalogue.getRepository(Restore).update(restore.id, { replacedDroppedAt: new Date() });
}
