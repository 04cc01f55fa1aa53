import type { Client } from 'pg';

/**
 * What pg_dump has to read and the connected role may not, by name: tables and sequences without the right, tables
 * whose row security hides rows from it, and, together, large objects of others.
 */
export async function forbiddenRelations(client: Client): Promise<string[]> {
  const relations = await client.query<{ name: string }>(`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'S') and c.relpersistence <> 't'
      and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and not exists (
        select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
          and not exists (select from pg_extension e where e.oid = d.refobjid and c.oid = any (e.extconfig)))
      and (not has_table_privilege(c.oid, 'select') or not has_schema_privilege(n.oid, 'usage')
        or (c.relkind <> 'S' and row_security_active(c.oid)))
    order by n.nspname, c.relname`);
  const objects = await client.query<{ count: string }>(`
    select count(*) as count from pg_largeobject_metadata m
    where not pg_has_role(m.lomowner, 'usage') and not exists (
      select from aclexplode(m.lomacl) a
      where a.privilege_type = 'SELECT' and (a.grantee = 0 or pg_has_role(a.grantee, 'usage')))`);
  const count = Number(objects.rows[0]?.count ?? 0);
  return [...relations.rows.map((row) => row.name), ...(count > 0 ? [`${count} large objects`] : [])];
}
