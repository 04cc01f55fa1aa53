import type { DataSource } from 'typeorm';

/**
 * A backup under way, made past the API: no workflow changes it while a test looks. (The reconciler ends it once it has
 * not changed for 20 seconds.)
 */
export async function insertRunningJob(
  source: DataSource,
  projectId: string,
  environmentId: string,
): Promise<string> {
  const [row] = await source.query<Array<{ id: string }>>(
    `INSERT INTO backups (project_id, environment_id, status, kind, contents, run_id, started_at, progress_phase)
     VALUES ($1, $2, 'RUNNING', 'ON_DEMAND', ARRAY['MEDIA'], 'of-a-test', now(), 'media') RETURNING id`,
    [projectId, environmentId],
  );
  return row?.id ?? '';
}
