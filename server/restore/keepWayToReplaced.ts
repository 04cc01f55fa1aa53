import type { EntityManager } from 'typeorm';
import { databaseUrlPlace, parseDatabaseUrl, type SecretBox } from '#schema/catalogue';
import type { Environment } from '#schema/entities';

/**
 * Keeps an environment’s sealed database address with those of its restores whose replaced databases still lie there, before
 * the environment gives it up: so that they can be dropped when their time comes, or with `now`, at once. The address goes
 * with the replaced database.
 */
export async function keepWayToReplaced(
  manager: EntityManager,
  { secretBox }: { secretBox: SecretBox },
  { id, databaseUrlSealed }: Environment,
  { now }: { now: boolean },
): Promise<void> {
  const kept = `environment_id = $1 AND status = 'SUCCEEDED' AND undo_until IS NOT NULL AND replaced_dropped_at IS NULL`;
  if (databaseUrlSealed) {
    const { host, port, database } = parseDatabaseUrl(
      secretBox.open(databaseUrlSealed, databaseUrlPlace(id)),
    );
    await manager.query(
      `UPDATE restores SET journal = jsonb_set(journal, '{database,addressSealed}', to_jsonb($2::text))
       WHERE ${kept} AND journal->'database'->>'server' = $3 AND journal->'database'->>'live' = $4`,
      [id, databaseUrlSealed, `${host}:${port}`, database],
    );
  }
  if (now)
    await manager.query(`UPDATE restores SET undo_until = LEAST(undo_until, now()) WHERE ${kept}`, [id]);
}
