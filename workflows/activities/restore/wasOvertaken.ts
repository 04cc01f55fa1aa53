import type { DataSource } from 'typeorm';
import type { Restore } from '#schema/entities';

/** Whether another restore of the same destination has switched since this one’s run began. */
export async function wasOvertaken(
  catalogue: DataSource,
  { id, environmentId, startedAt }: Restore,
): Promise<boolean> {
  const rows = await catalogue.query<unknown[]>(
    `SELECT FROM restores WHERE environment_id = $1 AND id <> $2 AND switched_at > $3 LIMIT 1`,
    [environmentId, id, startedAt],
  );
  return rows.length > 0;
}
