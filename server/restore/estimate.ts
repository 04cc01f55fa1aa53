import type { DataSource } from 'typeorm';
import type { Content } from '#schema/domain';

/** How many of the newest restores are looked at. */
const looked = 50;

/**
 * How many seconds a restore of these contents of a backup onto this environment will take: the median of what each byte
 * took in restores that succeeded, of this environment before others. Null where none has been measured, or where the
 * backup holds nothing.
 */
export async function estimateSeconds(
  catalogue: DataSource,
  backupId: string,
  environmentId: string,
  contents: Content[],
): Promise<number | null> {
  const [found] = await catalogue.query<Array<{ seconds: number | null }>>(
    `WITH past AS (
       SELECT id, environment_id = $2 AS own, finished_at - started_at AS took, source_backup_id, contents
       FROM restores
       WHERE status = 'SUCCEEDED' AND way = 'BACKUP' AND started_at IS NOT NULL
       ORDER BY environment_id = $2 DESC, finished_at DESC
       LIMIT ${looked}
     ), measured AS (
       SELECT past.own, extract(epoch FROM past.took) / sum(part.size) AS rate
       FROM past
       JOIN backup_parts AS part
         ON part.backup_id = past.source_backup_id AND part.content = ANY (past.contents)
       GROUP BY past.id, past.own, past.took
       HAVING sum(part.size) > 0
     )
     SELECT (SELECT sum(size) FROM backup_parts WHERE backup_id = $1 AND content = ANY ($3::text[]))::float8
       * coalesce(
           percentile_cont(0.5) WITHIN GROUP (ORDER BY rate::float8) FILTER (WHERE own),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY rate::float8)) AS seconds
     FROM measured`,
    [backupId, environmentId, contents],
  );
  return found?.seconds == null ? null : Math.max(1, Math.round(found.seconds));
}
