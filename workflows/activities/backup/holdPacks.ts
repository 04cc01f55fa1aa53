import { packIndexKey, packKey } from '#schema/domain';
import { atOnce } from '../atOnce.js';
import { onceCatalogueAnswers } from '../onceCatalogueAnswers.js';
import type { StoredBackup } from './storedObjects.js';
import type { WorkerTools } from '../workerTools.js';

/** A pack that a running backup may rely on. */
export interface HeldPack {
  id: string;
  /** Bytes of tar and index. */
  storedSize: number;
}

/**
 * Makes sure of packs for a running backup, each of its environment and whole: first its need of them is noted, which
 * keeps them from being deleted, then they are looked for in storage. Answers those that are there.
 */
export async function holdPacks(
  { catalogue, storage, log }: Pick<WorkerTools, 'catalogue' | 'storage' | 'log'>,
  backup: StoredBackup,
  ids: readonly string[],
): Promise<HeldPack[]> {
  if (ids.length === 0) return [];
  const noted = await onceCatalogueAnswers(
    () =>
      catalogue.query(noteSql, [backup.id, ids, backup.environmentId]) as Promise<
        Array<{ id: string; size: string; indexSize: string | null }>
      >,
  );
  const held: HeldPack[] = [];
  const gone: string[] = [];
  await atOnce(noted, async ({ id, size, indexSize }) => {
    const tar = await storage.stat(packKey(backup, id));
    const index = await storage.stat(packIndexKey(backup, id));
    const isWhole = tar?.size === Number(size) && index?.size === Number(indexSize ?? index?.size);
    if (isWhole && index) held.push({ id, storedSize: tar.size + index.size });
    else gone.push(id);
  });
  if (gone.length > 0) {
    log.error(
      { backup: backup.id, packs: gone },
      'packs are gone from storage or cut short: earlier backups need them',
    );
    // Nobody is to look for them again: what they held is stored anew.
    await onceCatalogueAnswers(() =>
      catalogue.query('DELETE FROM pack_contents WHERE pack_id = ANY($1::uuid[])', [gone]),
    );
  }
  return held;
}

// The lock waits for whoever is deleting the pack; what is gone then is not found any more.
const noteSql = `
  WITH whole AS (
    SELECT id, stored_size, index_size FROM packs
    WHERE id = ANY($2::uuid[]) AND environment_id = $3 AND stored_size IS NOT NULL
      AND (writing_backup_id IS NULL OR writing_backup_id = $1)
      AND EXISTS (SELECT FROM backups WHERE id = $1 AND status = 'RUNNING' AND progress_phase <> 'cleaning')
    ORDER BY id
    FOR KEY SHARE OF packs
  ), noted AS (
    INSERT INTO backup_packs (backup_id, pack_id) SELECT $1, id FROM whole ON CONFLICT DO NOTHING
  )
  SELECT id, stored_size::text AS size, index_size::text AS "indexSize" FROM whole`;
