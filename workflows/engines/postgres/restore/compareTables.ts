import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { DatabaseAddress } from '#schema/catalogue';
import { StepProblem } from '../../stepProblem.js';
import { withConnection } from '../connect.js';
import { databaseInWords } from '../problem.js';
import type { ArchiveEntry } from './archiveContents.js';

/** What a table held when it was dumped. */
export interface ExpectedTable {
  /** `"schema"."table"`, as the list of tables in a backup spells it. */
  table: string;
  rows: number;
  /** Hex; not compared here. */
  sha256: string | null;
}

/** A table of the dump, by its own name, and how many rows it must have; null: nobody knows. */
export interface TableToCount {
  schema: string;
  name: string;
  rows: number | null;
}

/** The tables of the dump with what is expected of them; throws where one is expected that the dump does not hold. */
export function tablesToCount(
  entries: readonly ArchiveEntry[],
  expectedRows: ReadonlyMap<string, number> | null,
): TableToCount[] {
  const tables = entries.filter(({ kind }) => kind === 'TABLE DATA');
  const keys = new Set(tables.map(({ key }) => key));
  const missing = [...(expectedRows?.keys() ?? [])].find((key) => !keys.has(key));
  if (missing !== undefined) throw mismatch(`the table ${missing} is not in the dump`);
  return tables.map(({ schema, name, key }) => ({ schema, name, rows: expectedRows?.get(key) ?? null }));
}

/** Counts the rows of each table, `jobs` tables at a time; throws at the first that has others than expected. */
export async function compareTables(order: {
  address: DatabaseAddress;
  tables: readonly TableToCount[];
  jobs: number;
  applicationName: string;
  signal: AbortSignal;
  onCounted: () => void;
}): Promise<{ rows: number }> {
  const { address, tables, jobs, applicationName, signal, onCounted } = order;
  const queue = tables.values();
  let total = 0;
  const work = (client: Client) => async () => {
    await client.query('set row_security = off');
    for (const table of queue) {
      const rows = await countRows(client, table);
      total += rows;
      onCounted();
      if (table.rows !== null && rows !== table.rows)
        throw mismatch(
          `the table ${inWords(table)} has ${rows} rows in ${databaseInWords(address)}, and had ${table.rows} when it was backed up`,
        );
    }
  };
  const workers = Math.min(Math.max(1, jobs), Math.max(1, tables.length));
  await Promise.all(
    Array.from({ length: workers }, () =>
      withConnection(address, { applicationName, signal }, (client) => work(client)()),
    ),
  );
  return { rows: total };
}

/** Row-level security that holds even for the owner is lifted for as long as it takes to count. */
async function countRows(client: Client, table: TableToCount): Promise<number> {
  const name = inWords(table);
  const { rows } = await client.query<{ forced: boolean }>(
    `select relforcerowsecurity and not (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as forced
     from pg_class where oid = $1::regclass`,
    [name],
  );
  const count = async () => {
    const counted = await client.query<{ rows: string }>(`select count(*) as rows from only ${name}`);
    return Number(counted.rows[0]?.rows);
  };
  if (!rows[0]?.forced) return count();
  await client.query('begin');
  await client.query(`alter table ${name} no force row level security`);
  const counted = await count();
  await client.query('rollback');
  return counted;
}

/** Raises an exception within the server where the table has other rows than expected. */
export function countStatement({ schema, name, rows }: TableToCount): string {
  const table = inWords({ schema, name });
  const body = `declare found bigint; forced boolean;
begin
  select relforcerowsecurity and pg_has_role(relowner, 'USAGE') into forced from pg_class where oid = ${escapeLiteral(table)}::regclass;
  if forced then alter table ${table} no force row level security; end if;
  select count(*) into found from only ${table};
  if forced then alter table ${table} force row level security; end if;
  if found <> ${rows} then
    raise exception using message = format('the table %s has %s rows, and had ${rows} when it was backed up', ${escapeLiteral(table)}, found);
  end if;
end`;
  return `do ${escapeLiteral(body)};\n`;
}

function inWords({ schema, name }: Pick<TableToCount, 'schema' | 'name'>): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}

function mismatch(what: string): StepProblem {
  return new StepProblem('DATABASE_RESTORE_FAILED', `After restoring, ${what}`, {
    remedy: 'Restore another backup, or look what changes the rows as they are restored, then retry.',
  });
}
