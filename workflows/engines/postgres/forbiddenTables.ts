import type { Client } from 'pg';
import type { InspectedTable } from './inspect.js';

/** Which of the tables the connected role may not read in full: no right, or row security that hides rows from it. */
export async function forbiddenTables(client: Client, tables: readonly InspectedTable[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.oid = any ($1::oid[])
       and (not has_table_privilege(c.oid, 'select') or not has_schema_privilege(n.oid, 'usage') or row_security_active(c.oid))
     order by n.nspname, c.relname`,
    [tables.map((table) => table.oid)],
  );
  return rows.map((row) => row.name);
}
