import { escapeLiteral } from 'pg';
import type { PlannedGrants } from './applyGrants.js';
import { countStatement, type TableToCount } from './compareTables.js';

/** How what was left out is marked among the warnings of the server. */
export const leftOutMark = 'holdfast leaves out:';

/**
 * What is said before the script of a dump: begins the transaction, prints its number, and takes away all that the role
 * may, of which nothing is gone before the commit.
 */
export function scriptBefore(major: number): string {
  return `set client_encoding = 'UTF8';
set client_min_messages = warning;
set lock_timeout = '10s';
begin;
select txid_current();
do ${escapeLiteral(emptying(major))};
`;
}

/** What is said after it and before the commit: counts, analyses, gives to owners and grants. */
export function* scriptAfter(
  tables: readonly TableToCount[],
  { owners, grants }: PlannedGrants,
): Generator<string> {
  yield `set client_encoding = 'UTF8';\nset search_path = '';\nset row_security = off;\nset client_min_messages = warning;\n`;
  for (const table of tables) if (table.rows !== null) yield countStatement(table);
  // Of what belongs to others the server only says that it is left out.
  yield `set client_min_messages = error;\nanalyze;\nset client_min_messages = warning;\n`;
  for (const sql of [...owners, ...grants]) yield unlessRefused(sql);
}

function unlessRefused(sql: string): string {
  const body = `begin
  execute ${escapeLiteral(sql)};
exception when insufficient_privilege or undefined_object or undefined_function or undefined_table or invalid_schema_name or feature_not_supported or invalid_grant_operation then
  raise warning '${leftOutMark} %', sqlerrm;
end`;
  return `do ${escapeLiteral(body)};\n`;
}

/** Also drops what is newer than the dump: nothing that the role owns stays. */
function emptying(major: number): string {
  const [owner, rights] = major >= 15 ? [' authorization pg_database_owner', 'usage'] : ['', 'usage, create'];
  return `declare it record;
begin
  perform lo_unlink(oid) from pg_largeobject_metadata where pg_has_role(lomowner, 'USAGE');
  for it in select pubname from pg_publication where pg_has_role(pubowner, 'USAGE') loop
    execute format('drop publication %I', it.pubname);
  end loop;
  for it in
    select nspname from pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema' and pg_has_role(nspowner, 'USAGE')
      and not exists (select from pg_depend where classid = 'pg_namespace'::regclass and objid = pg_namespace.oid and deptype = 'e')
  loop
    execute format('drop schema %I cascade', it.nspname);
  end loop;
  if to_regnamespace('public') is null then
    create schema public${owner};
    grant ${rights} on schema public to public;
    comment on schema public is 'standard public schema';
  end if;
  -- In schemas of others.
  for it in
    select c.oid, case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' when 'f' then 'foreign table' else 'table' end as kind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and pg_has_role(c.relowner, 'USAGE')
      and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype in ('e', 'i'))
  loop
    if exists (select from pg_class where oid = it.oid) then execute format('drop %s %s cascade', it.kind, it.oid::regclass); end if;
  end loop;
  for it in
    select p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and pg_has_role(p.proowner, 'USAGE')
      and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = p.oid and deptype in ('e', 'i'))
  loop
    if exists (select from pg_proc where oid = it.oid) then execute format('drop routine %s cascade', it.oid::regprocedure); end if;
  end loop;
  for it in
    select t.oid from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and t.typtype in ('c', 'd', 'e', 'r') and pg_has_role(t.typowner, 'USAGE')
      and not exists (select from pg_depend where classid = 'pg_type'::regclass and objid = t.oid and deptype in ('e', 'i'))
  loop
    if exists (select from pg_type where oid = it.oid) then execute format('drop type %s cascade', it.oid::regtype); end if;
  end loop;
end`;
}
