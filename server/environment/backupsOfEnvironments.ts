import DataLoader from 'dataloader';
import { In, type DataSource, type EntityManager } from 'typeorm';
import type { BackupKind, Content } from '#schema/domain';
import { Backup } from '#schema/entities';

/** Whose newest backup is asked for. Both lists are of different words in a fixed order; null: whatever they are. */
export interface NewestWish {
  environmentId: string;
  contents: Content[] | null;
  kinds: BackupKind[] | null;
}

/** What is asked of an environment’s backups, for many environments at once. */
export interface BackupsOfEnvironments {
  /** The newest backup that succeeded and is like that; null where there is none. */
  newestBackup: DataLoader<NewestWish, Backup | null, string>;
  /** Bytes that storage holds for the environment of this id. */
  storedSize: DataLoader<string, number>;
}

/** Loaders that ask the catalogue once for all environments of a request. */
export function backupsOfEnvironments(catalogue: DataSource | EntityManager): BackupsOfEnvironments {
  return {
    newestBackup: new DataLoader((wishes) => loadNewest(catalogue, wishes), {
      cacheKeyFn: ({ environmentId, contents, kinds }) => JSON.stringify([environmentId, contents, kinds]),
    }),
    storedSize: new DataLoader((ids) => loadStoredSizes(catalogue, ids)),
  };
}

/** Each is found by the index of its environment’s backups. */
async function loadNewest(
  catalogue: DataSource | EntityManager,
  wishes: readonly NewestWish[],
): Promise<Array<Backup | null>> {
  const places = wishes.map((wish, place) => ({ ...wish, place }));
  const found = await catalogue.query<Array<{ place: number; id: string }>>(
    `SELECT wish.place, newest.id
     FROM jsonb_to_recordset($1::jsonb)
       AS wish (place integer, "environmentId" uuid, contents text[], kinds text[])
     CROSS JOIN LATERAL (
       SELECT id FROM backups
       WHERE environment_id = wish."environmentId" AND status = 'SUCCEEDED'
         AND (wish.contents IS NULL OR backups.contents @> wish.contents)
         AND (wish.kinds IS NULL OR backups.kind = ANY (wish.kinds))
       ORDER BY listed_at DESC, id DESC
       LIMIT 1
     ) AS newest`,
    [JSON.stringify(places)],
  );
  const backups = await catalogue.getRepository(Backup).findBy({ id: In(found.map(({ id }) => id)) });
  const byId = new Map(backups.map((backup) => [backup.id, backup]));
  const byPlace = new Map(found.map(({ place, id }) => [place, byId.get(id)]));
  return wishes.map((_wish, place) => byPlace.get(place) ?? null);
}

async function loadStoredSizes(
  catalogue: DataSource | EntityManager,
  ids: readonly string[],
): Promise<number[]> {
  const sums = await catalogue
    .getRepository(Backup)
    .createQueryBuilder('backup')
    .select('backup.environmentId', 'id')
    .addSelect('SUM(backup.stored_size)', 'bytes')
    .where(`backup.environmentId = ANY(:ids) AND backup.status = 'SUCCEEDED'`, { ids: [...ids] })
    .groupBy('backup.environmentId')
    .getRawMany<{ id: string; bytes: string | null }>();
  return ids.map((id) => Number(sums.find((sum) => sum.id === id)?.bytes ?? 0));
}
