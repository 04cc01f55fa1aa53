import { In, type DataSource } from 'typeorm';
import { backupPrefix, packIndexKey, packKey, type PartDocument, type Place } from '#schema/domain';
import { Pack } from '#schema/entities';
import type { Storage } from '../engines/storage/storage.js';

/** Which backup of which environment. */
export interface StoredBackup extends Place {
  id: string;
}

/** Every object that these parts are made of. */
export function keysOf(place: Place, parts: PartDocument[]): string[] {
  return parts.flatMap((part) => [
    part.key,
    ...(part.content === 'MEDIA'
      ? part.packs.flatMap((id) => [packKey(place, id), packIndexKey(place, id)])
      : []),
  ]);
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
  const keptPacks = new Set(kept.flatMap((part) => (part.content === 'MEDIA' ? part.packs : [])));
  const packs = await catalogue.getRepository(Pack).findBy({ writingBackupId: backup.id });
  const dead = packs.filter(({ id }) => !keptPacks.has(id)).map(({ id }) => id);
  for (const id of dead) {
    await storage.remove(packKey(backup, id));
    await storage.remove(packIndexKey(backup, id));
  }
  if (dead.length > 0) await catalogue.getRepository(Pack).delete({ id: In(dead) });
}
