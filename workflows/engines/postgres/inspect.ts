import type { Client } from 'pg';
import { StepProblem } from '../stepProblem.js';
import { systemCode } from '../systemCode.js';

/** A table whose rows pg_dump writes. */
export interface InspectedTable {
  schema: string;
  name: string;
  oid: number;
  /** On disk, with what is stored out of line. */
  bytes: number;
  /** Pages of its main part. */
  pages: number;
  /** Null where the server's statistics say nothing. */
  estimatedRows: number | null;
}

export interface InspectedDatabase {
  /** E.g. `15.18`. */
  serverVersion: string;
  major: number;
  inRecovery: boolean;
  tables: InspectedTable[];
  largeObjectBytes: number;
  totalBytes: number;
  /** Whether this is Holdfast's own catalogue. */
  isCatalogue: boolean;
}

/** Looks at what a dump of the database would read; takes no lock that anybody waits for. */
export async function inspect(client: Client): Promise<InspectedDatabase> {
  const server = await about(client);
  const tables = await listTables(client, server.inRecovery);
  const totalBytes = tables.reduce((sum, table) => sum + table.bytes, server.largeObjectBytes);
  return { ...server, tables, totalBytes };
}

/** A backup of the catalogue by itself would hold the secrets of every project. */
export function requireProjectDatabase(database: InspectedDatabase): void {
  if (!database.isCatalogue) return;
  throw new StepProblem('DATABASE_PERMISSION', 'This is Holdfast’s own catalogue, not a project’s database', {
    remedy: 'Give the address of the project’s database in the environment’s settings, then retry.',
  });
}

async function about(client: Client): Promise<Omit<InspectedDatabase, 'tables' | 'totalBytes'>> {
  const { rows } = await client.query<{
    version: string;
    number: string;
    recovery: boolean;
    catalogue: boolean;
    largeObjects: string;
  }>(`
    select current_setting('server_version') as version, current_setting('server_version_num') as number,
      pg_is_in_recovery() as recovery, to_regclass('public.holdfast_migrations') is not null as catalogue,
      case when exists (select from pg_largeobject_metadata) then pg_table_size('pg_catalog.pg_largeobject') else 0 end
        as "largeObjects"`);
  const [row] = rows;
  if (!row) throw new Error('The server did not say which version it is');
  return {
    serverVersion: row.version.split(' ')[0] ?? row.version,
    major: Math.floor(Number(row.number) / 10_000),
    inRecovery: row.recovery,
    isCatalogue: row.catalogue,
    largeObjectBytes: Number(row.largeObjects),
  };
}

interface TableRow {
  schema: string;
  name: string;
  oid: string;
  bytes: string;
  pages: string;
  analysedRows: number;
  analysedPages: number;
}

async function listTables(client: Client, inRecovery: boolean): Promise<InspectedTable[]> {
  await client.query(`set lock_timeout = '2s'`);
  try {
    return await queryTables(client, inRecovery, true);
  } catch (error: unknown) {
    // Somebody locked a table between two glances: then what the last vacuum saw has to do.
    if (systemCode(error) !== '55P03') throw error;
    return await queryTables(client, inRecovery, false);
  } finally {
    await client.query('set lock_timeout = 0').catch(() => undefined);
  }
}

/** Asking a table for its size waits for whoever has it locked, so such tables are not asked. */
async function queryTables(
  client: Client,
  inRecovery: boolean,
  measured: boolean,
): Promise<InspectedTable[]> {
  const { rows } = await client.query<TableRow>(
    `
    with locked as materialized (
      select distinct relation from pg_locks
      where mode = 'AccessExclusiveLock' and granted and locktype = 'relation'
        and database = (select oid from pg_database where datname = current_database())
    ), tables as materialized (
      select c.oid, n.nspname, c.relname, c.reltuples, c.relpages, $2 and locked.relation is null as free
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      left join locked on locked.relation = c.oid
      where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and (c.relpersistence = 'p' or (c.relpersistence = 'u' and not $1))
        and not exists (
          select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
            and not exists (select from pg_extension e where e.oid = d.refobjid and c.oid = any (e.extconfig)))
    )
    select nspname as schema, relname as name, oid, reltuples as "analysedRows", relpages as "analysedPages",
      coalesce(case when free then pg_table_size(oid) else relpages * page end, 0) as bytes,
      coalesce(case when free then pg_relation_size(oid) / page else relpages end, 0) as pages
    from tables, (select current_setting('block_size')::bigint as page) as block`,
    [inRecovery, measured],
  );
  return rows.map((row) => {
    const pages = Number(row.pages);
    // The statistics tell how many rows a page holds; the pages have been counted now.
    const known = row.analysedPages > 0 && row.analysedRows >= 0;
    return {
      schema: row.schema,
      name: row.name,
      oid: Number(row.oid),
      bytes: Number(row.bytes),
      pages,
      estimatedRows: known ? (row.analysedRows / row.analysedPages) * pages : null,
    };
  });
}
