import type { DataSource, EntityManager } from 'typeorm';

/**
 * For each of these restores, by their ids: whether a later one of the same destination has switched since. Each is
 * found by the index of its environment’s restores; the catalogue compares, for it knows microseconds.
 */
export async function loadOvertaken(
  catalogue: DataSource | EntityManager,
  ids: readonly string[],
): Promise<boolean[]> {
  const found = await catalogue.query<Array<{ id: string }>>(
    `SELECT it.id FROM restores AS it
     WHERE it.id = ANY($1::uuid[]) AND EXISTS (
       SELECT FROM restores AS later
       WHERE later.environment_id = it.environment_id AND later.switched_at > it.switched_at)`,
    [[...ids]],
  );
  const overtaken = new Set(found.map(({ id }) => id));
  return ids.map((id) => overtaken.has(id));
}
