import type { Client } from 'pg';

/** What belongs to a database itself rather than to anything in it. */
export interface DatabaseProperties {
  oid: string;
  owner: string;
  connectionLimit: number;
  comment: string | null;
  /** Who may do what with it, spelled out where it is as by default. */
  grants: DatabaseGrant[];
  /** ALTER DATABASE … SET, and ALTER ROLE … IN DATABASE … SET. */
  settings: DatabaseSetting[];
  securityLabels: Array<{ provider: string; label: string }>;
}

export interface DatabaseGrant {
  /** Null: everybody. */
  grantee: string | null;
  privilege: string;
  grantable: boolean;
}

export interface DatabaseSetting {
  /** Null: whoever connects. */
  role: string | null;
  name: string;
  value: string;
}

/** Reads it, seen from any database of the server; null where there is no such database. */
export async function readProperties(client: Client, name: string): Promise<DatabaseProperties | null> {
  const { rows } = await client.query<Omit<DatabaseProperties, 'grants' | 'settings' | 'securityLabels'>>(
    `select oid::text, pg_get_userbyid(datdba) as owner, datconnlimit as "connectionLimit",
       shobj_description(oid, 'pg_database') as comment
     from pg_database where datname = $1`,
    [name],
  );
  const [about] = rows;
  if (!about) return null;
  const grants = await client.query<DatabaseGrant>(
    `select case when acl.grantee = 0 then null else pg_get_userbyid(acl.grantee) end as grantee,
       acl.privilege_type as privilege, bool_or(acl.is_grantable) as grantable
     from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) acl
     where d.oid = $1 group by acl.grantee, acl.privilege_type order by 1, 2`,
    [about.oid],
  );
  const settings = await client.query<DatabaseSetting>(
    `select case when setrole = 0 then null else pg_get_userbyid(setrole) end as role,
       split_part(entry, '=', 1) as name, substr(entry, strpos(entry, '=') + 1) as value
     from pg_db_role_setting, unnest(setconfig) with ordinality as entries (entry, place)
     where setdatabase = $1 order by 1, place`,
    [about.oid],
  );
  const labels = await client.query<{ provider: string; label: string }>(
    `select provider, label from pg_shseclabel where classoid = 'pg_database'::regclass and objoid = $1 order by 1`,
    [about.oid],
  );
  return { ...about, grants: grants.rows, settings: settings.rows, securityLabels: labels.rows };
}

/** What a new database of that owner would have. */
export function defaultProperties(owner: string): Omit<DatabaseProperties, 'oid'> {
  const grant = (grantee: string | null, privilege: string) => ({ grantee, privilege, grantable: false });
  return {
    owner,
    connectionLimit: -1,
    comment: null,
    grants: [
      ...['CONNECT', 'CREATE', 'TEMPORARY'].map((privilege) => grant(owner, privilege)),
      ...['CONNECT', 'TEMPORARY'].map((privilege) => grant(null, privilege)),
    ],
    settings: [],
    securityLabels: [],
  };
}
