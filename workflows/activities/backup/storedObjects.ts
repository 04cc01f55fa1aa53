import { In, type DataSource } from 'typeorm';
import {
  backupPrefix,
  packIndexKey,
  packKey,
  packListKey,
  type PartDocument,
  type Place,
} from '#schema/domain';
import { Pack } from '#schema/entities';
import type { Storage } from '../../engines/storage/storage.js';
import { atOnce } from '../atOnce.js';

/** Which backup of which environment. */
export interface StoredBackup extends Place {
  id: string;
}

/** Every object that these parts are made of. */
export function keysOf(place: Place, parts: PartDocument[]): string[] {
  return parts.flatMap((part) => [
    part.key,
    ...(part.content === 'DATABASE' && part.tableList ? [part.tableList.key] : []),
    ...(part.content === 'MEDIA' && part.scan ? [part.scan.key] : []),
    ...(part.content === 'MEDIA'
      ? part.packs.flatMap((id) => [packKey(place, id), packIndexKey(place, id)])
      : []),
  ]);
}

/** Every object that a pack may have, with the list that lies beside it until its backup is sealed. */
export function keysOfPack(place: Place, id: string): string[] {
  return [packKey(place, id), packIndexKey(place, id), packListKey(place, id)];
}

/** Removes what earlier attempts left beside the parts that are kept: objects first, the packs’ rows after. */
export async function removeLeftovers(
  catalogue: DataSource,
  storage: Storage,
  backup: StoredBackup,
  kept: PartDocument[],
): Promise<void> {
  const keep = new Set(keysOf(backup, kept));
  for await (const { key } of storage.list(backupPrefix(backup, backup.id))) {
    if (!keep.has(key)) await storage.remove(key);
  }
  const keptPacks = kept.flatMap((part) => (part.content === 'MEDIA' ? part.packs : []));
  await catalogue.query('DELETE FROM backup_packs WHERE backup_id = $1 AND pack_id <> ALL($2::uuid[])', [
    backup.id,
    keptPacks,
  ]);
  const own = await catalogue.getRepository(Pack).findBy({ writingBackupId: backup.id });
  const isKept = new Set(keptPacks);
  const dead = own.map(({ id }) => id).filter((id) => !isKept.has(id));
  await atOnce(
    [
      ...dead.flatMap((id) => keysOfPack(backup, id)),
      ...own.flatMap(({ id, listSha256 }) => (listSha256 === null ? [] : [packListKey(backup, id)])),
    ],
    (key) => storage.remove(key),
  );
  if (dead.length > 0) await catalogue.getRepository(Pack).delete({ id: In(dead) });
}
