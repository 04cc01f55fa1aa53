import type { Client } from 'pg';
import type { DatabaseAddress } from '#schema/catalogue';
import type { Finding } from '#schema/domain';
import { StepProblem } from '../../stepProblem.js';
import { systemCode } from '../../systemCode.js';
import { withConnection } from '../connect.js';
import { requireProjectDatabase, inspect } from '../inspect.js';
import type { PostgresTools } from '../tools.js';
import { ofClients } from './databases.js';
import type { AvailableExtension, Destination, ServerRole } from './destination.js';
import { judgeArchive } from './judgeArchive.js';
import { withMaintenance } from './maintenance.js';
import type { ArchiveFacts } from './readArchive.js';

/** Another’s open session on the destination. */
export interface OpenSession {
  pid: number;
  user: string | null;
  application: string | null;
  /** Whether the environment’s role may end it. */
  mayEnd: boolean;
}

/** What a destination is like before anything is restored into it. */
export interface DatabaseSurvey extends Destination {
  /** Whether the database is there; the server was reached in any case. */
  exists: boolean;
  oid: string | null;
  /** On disk; 0 where it is not there. */
  sizeBytes: number;
  /** Cannot be asked of a server. */
  freeBytes: null;
  sessions: OpenSession[];
  mayCreateDatabases: boolean;
  /** Whether it may be renamed: not where the role is no member of its owner. False where it is not there. */
  ownsDatabase: boolean;
  owner: string | null;
  /** Null where the database is not there. */
  encoding: string | null;
  collate: string | null;
  ctype: string | null;
  /** What pins the database: by their names. */
  preparedTransactions: string[];
  replicationSlots: string[];
  subscriptions: string[];
  /** Relations and functions outside of the system’s schemas: restoring in place locks each. */
  objects: number;
  /** Whether the worker has the client tools of the server’s version. */
  hasTools: boolean;
  /** What hinders restoring the dump, and what is to be known before; empty where no dump was given. */
  blockers: Finding[];
  warnings: Finding[];
}

const applicationName = 'holdfast survey';

/** Looks at a destination without touching it. Throws where the server cannot be reached or lets nobody in. */
export async function surveyDestination(order: {
  address: DatabaseAddress;
  tools: PostgresTools;
  signal: AbortSignal;
  dump?: ArchiveFacts;
}): Promise<DatabaseSurvey> {
  const { address, tools, signal, dump } = order;
  const connection = { applicationName, signal };
  const name = address.database;
  const server = (client: Client) => surveyServer(client, name);
  let survey: Surveyed;
  try {
    survey = await withConnection(address, connection, async (client) => {
      requireProjectDatabase(await inspect(client));
      return { ...(await server(client)), ...(await surveyWithin(client)) };
    });
  } catch (error: unknown) {
    if (!(error instanceof StepProblem) || systemCode(error.cause) !== '3D000') throw error;
    survey = {
      ...(await withMaintenance(address, { ...connection, except: [name] }, server)),
      subscriptions: [],
      objects: 0,
    };
  }
  const hasTools = tools.found.some(({ major }) => major === survey.major);
  const whole = { ...survey, hasTools, blockers: [], warnings: [] };
  return { ...whole, ...(dump ? judgeArchive(whole, dump) : {}) };
}

type Surveyed = Omit<DatabaseSurvey, 'hasTools' | 'blockers' | 'warnings'>;

/** All of it that can be seen from any database of the server. */
export async function surveyServer(
  client: Client,
  name: string,
): Promise<Omit<Surveyed, 'subscriptions' | 'objects'>> {
  const about = await aboutRole(client);
  const { rows: databases } = await client.query<{
    oid: string;
    owner: string;
    encoding: string;
    collate: string;
    ctype: string;
    owns: boolean;
    size: string;
  }>(
    `select oid::text, pg_get_userbyid(datdba) as owner, pg_encoding_to_char(encoding) as encoding,
       datcollate as collate, datctype as ctype, pg_has_role(datdba, 'USAGE') as owns,
       case when has_database_privilege(oid, 'CONNECT') then pg_database_size(oid) else 0 end as size
     from pg_database where datname = $1`,
    [name],
  );
  const database = databases[0];
  const { rows: sessions } = await client.query<OpenSession>(
    `select a.pid, a.usename as user, nullif(a.application_name, '') as application,
       me.rolsuper or not r.rolsuper and (pg_has_role(a.usesysid, 'USAGE') or pg_has_role('pg_signal_backend', 'USAGE')) as "mayEnd"
     from pg_stat_activity a join pg_roles r on r.oid = a.usesysid, (select rolsuper from pg_roles where rolname = current_user) me
     where a.datname = $1 and a.pid <> pg_backend_pid() and ${ofClients}`,
    [name],
  );
  const names = async (sql: string, values: unknown[] = []) =>
    (await client.query<{ name: string }>(sql, values)).rows.map((row) => row.name);
  return {
    ...about,
    exists: database !== undefined,
    oid: database?.oid ?? null,
    sizeBytes: Number(database?.size ?? 0),
    freeBytes: null,
    sessions,
    ownsDatabase: database !== undefined && (about.isSuperuser || database.owns),
    owner: database?.owner ?? null,
    encoding: database?.encoding ?? null,
    collate: database?.collate ?? null,
    ctype: database?.ctype ?? null,
    extensionsAvailable: await extensionsOf(client),
    roles: await rolesOf(client),
    tablespaces: await names('select spcname as name from pg_tablespace'),
    preparedTransactions: await names('select gid as name from pg_prepared_xacts where database = $1', [
      name,
    ]),
    replicationSlots: await names('select slot_name as name from pg_replication_slots where database = $1', [
      name,
    ]),
  };
}

async function aboutRole(
  client: Client,
): Promise<Pick<Surveyed, 'serverVersion' | 'major' | 'role' | 'isSuperuser' | 'mayCreateDatabases'>> {
  const { rows } = await client.query<{
    version: string;
    number: string;
    role: string;
    superuser: boolean;
    creates: boolean;
  }>(`
    select current_setting('server_version') as version, current_setting('server_version_num') as number,
      rolname as role, rolsuper as superuser, rolcreatedb or rolsuper as creates
    from pg_roles where rolname = current_user`);
  const [row] = rows;
  if (!row) throw new Error('The server did not say who we are');
  return {
    serverVersion: row.version.split(' ')[0] ?? row.version,
    major: Math.floor(Number(row.number) / 10_000),
    role: row.role,
    isSuperuser: row.superuser,
    mayCreateDatabases: row.creates,
  };
}

/** Before version 13 no extension was trusted. */
async function extensionsOf(client: Client): Promise<AvailableExtension[]> {
  const { rows } = await client.query<AvailableExtension>(
    `select distinct e.name, coalesce((to_jsonb(v) ->> 'trusted')::boolean, false) as trusted, v.superuser
     from pg_available_extensions e
     join pg_available_extension_versions v on v.name = e.name and v.version = e.default_version order by 1`,
  );
  return rows;
}

/** From version 16 on, to be a member does not yet allow to set a role. */
async function rolesOf(client: Client): Promise<ServerRole[]> {
  const { rows } = await client.query<{ number: string }>(
    `select current_setting('server_version_num') as number`,
  );
  const right = Number(rows[0]?.number) >= 160_000 ? 'SET' : 'MEMBER';
  const roles = await client.query<ServerRole>(
    `select rolname as name, pg_has_role(oid, $1) as "maySet" from pg_roles order by 1`,
    [right],
  );
  return roles.rows;
}

async function surveyWithin(client: Client): Promise<Pick<Surveyed, 'subscriptions' | 'objects'>> {
  const { rows } = await client.query<{ subscriptions: string[]; objects: string }>(`
    select array(select subname::text from pg_subscription
        where subdbid = (select oid from pg_database where datname = current_database())) as subscriptions,
      (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname !~ '^pg_' and n.nspname <> 'information_schema')
      + (select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname !~ '^pg_' and n.nspname <> 'information_schema')
      as objects`);
  return { subscriptions: rows[0]?.subscriptions ?? [], objects: Number(rows[0]?.objects ?? 0) };
}
