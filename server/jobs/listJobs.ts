import { In, type DataSource } from 'typeorm';
import type { JobKind } from '#schema/domain';
import type { Job } from '#schema/entities';
import { isUuid } from '../access/isUuid.js';
import { pageOf, type Page, type Window } from '../graph/connection.js';
import type { JobFilter, JobsArgs } from './jobFilter.js';
import { everyKindOfJob } from './kindOfJob.js';

/** A job as the view `jobs` shows it. */
interface Listed {
  id: string;
  kind: JobKind;
  updated_at: Date;
}

/** A condition in SQL with the values behind its `$1`, `$2`, … */
interface Condition {
  sql: string[];
  values: unknown[];
}

/**
 * One page of jobs of these projects (null: of all), newest change first. The caller has asked which projects the
 * viewer may see. Reads ids from the view `jobs`, then each kind’s rows from their own table.
 */
export async function listJobs(
  catalogue: DataSource,
  projectIds: string[] | null,
  args: JobsArgs,
): Promise<Page<Job>> {
  const wanted = conditionOf(args.filter ?? {});
  // A job may change again before its row is read: its place in this list is where it was found.
  const foundAt = new Map<string, Date>();
  return pageOf(
    args,
    (job) => foundAt.get(job.id) ?? job.updatedAt,
    async (window) => {
      const listed = await readWindow(catalogue, projectIds, wanted, window);
      for (const { id, updated_at } of listed) foundAt.set(id, updated_at);
      return loadJobs(catalogue, listed);
    },
    () => countJobs(catalogue, projectIds, wanted),
  );
}

function conditionOf(filter: JobFilter): Condition {
  const values: unknown[] = [];
  const sql: string[] = [];
  const add = (value: unknown, words: (place: string) => string) => {
    if (value != null) sql.push(words(`$${values.push(value)}`));
  };
  add(filter.kinds, (place) => `kind = ANY(${place}::text[])`);
  add(filter.statuses, (place) => `status = ANY(${place}::text[])`);
  add(filter.failureCodes, (place) => `failure_code = ANY(${place}::text[])`);
  add(filter.projectIds?.filter(isUuid), (place) => `project_id = ANY(${place}::uuid[])`);
  add(filter.environmentIds?.filter(isUuid), (place) => `environment_id = ANY(${place}::uuid[])`);
  add(filter.updatedAfter, (place) => `updated_at > ${place}`);
  add(filter.createdAfter, (place) => `created_at > ${place}`);
  add(filter.createdBefore, (place) => `created_at < ${place}`);
  return { sql, values };
}

async function readWindow(
  catalogue: DataSource,
  projectIds: string[] | null,
  wanted: Condition,
  { after, before, direction, limit }: Window,
): Promise<Listed[]> {
  const values = [...wanted.values];
  const sql = [...wanted.sql];
  for (const [sign, position] of [
    ['<', after],
    ['>', before],
  ] as const) {
    if (!position) continue;
    sql.push(`(updated_at, id) ${sign} ($${values.push(position.time)}, $${values.push(position.id)})`);
  }
  const order = `ORDER BY updated_at ${direction}, id ${direction} LIMIT ${limit}`;
  const page = (more: string[]) =>
    `SELECT id, kind, updated_at FROM jobs WHERE ${[...sql, ...more, 'true'].join(' AND ')} ${order}`;
  if (!projectIds) return catalogue.query(page([]), values);
  // Each project gives its own newest by its index: one with few jobs never means reading through all others’.
  return catalogue.query(
    `SELECT job.* FROM unnest($${values.push(projectIds)}::uuid[]) AS project (id)
     CROSS JOIN LATERAL (${page(['project_id = project.id'])}) AS job ${order}`,
    values,
  );
}

async function countJobs(
  catalogue: DataSource,
  projectIds: string[] | null,
  wanted: Condition,
): Promise<number> {
  const values = [...wanted.values];
  const sql = [...wanted.sql];
  if (projectIds) sql.push(`project_id = ANY($${values.push(projectIds)}::uuid[])`);
  const [counted] = await catalogue.query<Array<{ jobs: string }>>(
    `SELECT count(*) AS jobs FROM jobs WHERE ${[...sql, 'true'].join(' AND ')}`,
    values,
  );
  return Number(counted?.jobs ?? 0);
}

/** The rows behind the listed ids, in their order; one that went meanwhile is left out. */
async function loadJobs(catalogue: DataSource, listed: Listed[]): Promise<Job[]> {
  const byId = new Map<string, Job>();
  for (const { kind, entity } of everyKindOfJob) {
    const ids = listed.filter((each) => each.kind === kind).map(({ id }) => id);
    if (ids.length === 0) continue;
    for (const job of await catalogue.getRepository<Job>(entity).findBy({ id: In(ids) }))
      byId.set(job.id, job);
  }
  return listed.flatMap(({ id }) => byId.get(id) ?? []);
}
