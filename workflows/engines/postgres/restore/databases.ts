import { escapeIdentifier, type Client } from 'pg';
import type { DatabaseAddress } from '#schema/catalogue';
import { StepProblem } from '../../stepProblem.js';
import { systemCode } from '../../systemCode.js';
import { withMaintenance } from './maintenance.js';

const applicationName = 'holdfast restore';
const patienceTries = 5;

/** The OID of the database of that name on the address’s server, or null: there is none. */
export async function databaseOid(
  address: DatabaseAddress,
  name: string,
  signal: AbortSignal,
): Promise<string | null> {
  return withMaintenance(address, { applicationName, signal }, (client) => oidOf(client, name));
}

/** A database by name. */
export interface NamedDatabase {
  name: string;
  oid: string;
}

/** The databases whose names begin so, by name. */
export async function listDatabases(
  address: DatabaseAddress,
  prefix: string,
  signal: AbortSignal,
): Promise<NamedDatabase[]> {
  return withMaintenance(address, { applicationName, signal }, async (client) => {
    const { rows } = await client.query<NamedDatabase>(
      'select datname as name, oid::text from pg_database where left(datname, length($1)) = $1 order by 1',
      [prefix],
    );
    return rows;
  });
}

/**
 * Drops a database where it is there, and where `oid` is given only if it is that one; ends its sessions. Answers
 * whether it did.
 */
export async function dropDatabase(order: {
  address: DatabaseAddress;
  name: string;
  oid?: string;
  signal: AbortSignal;
}): Promise<boolean> {
  const { address, name, oid, signal } = order;
  return withMaintenance(address, { applicationName, signal, except: [name] }, async (client) => {
    const found = await oidOf(client, name);
    if (found === null || (oid !== undefined && found !== oid)) return false;
    const { rows } = await client.query<{ force: boolean }>(
      `select current_setting('server_version_num')::int >= 130000 as force`,
    );
    for (let attempt = 1; ; attempt += 1) {
      try {
        await endSessionsOf(client, [found]);
        const force = rows[0]?.force ? ' with (force)' : '';
        await client.query(`drop database if exists ${escapeIdentifier(name)}${force}`);
        return true;
      } catch (error: unknown) {
        // Somebody connected in between.
        if (systemCode(error) !== '55006' || attempt === patienceTries) throw lockedProblem(name, error);
      }
    }
  });
}

function lockedProblem(name: string, error: unknown): unknown {
  if (systemCode(error) !== '55006') return error;
  const detail = error instanceof Error && 'detail' in error ? String(error.detail ?? '') : '';
  return new StepProblem('DATABASE_LOCKED', `The database “${name}” is in use (${detail})`, { cause: error });
}

/** The OID of a database, seen from any other. */
export async function oidOf(client: Client, name: string): Promise<string | null> {
  const { rows } = await client.query<{ oid: string }>(
    'select oid::text from pg_database where datname = $1',
    [name],
  );
  return rows[0]?.oid ?? null;
}

/** Of others' sessions the kind is hidden, but the server's own workers have no user. */
export const ofClients = `usesysid is not null and backend_type is distinct from 'parallel worker'`;

/** Who is connected, as messages name it. */
export interface Session {
  pid: number;
  user: string | null;
  application: string | null;
}

/** Ends the sessions in the databases of these OIDs; answers with those that the role may not end. */
export async function endSessionsOf(client: Client, oids: readonly string[]): Promise<Session[]> {
  const { rows } = await client.query<Session>(
    `select pid, usename as user, nullif(application_name, '') as application from pg_stat_activity
     where datid = any ($1::oid[]) and pid <> pg_backend_pid() and ${ofClients}`,
    [oids],
  );
  const staying: Session[] = [];
  for (const session of rows) {
    await client.query('select pg_terminate_backend($1)', [session.pid]).catch((error: unknown) => {
      if (systemCode(error) !== '42501') throw error;
      staying.push(session);
    });
  }
  return staying;
}

/** E.g. `the session 4711 of “app” (psql)`. */
export function sessionsInWords(sessions: readonly Session[]): string {
  const words = sessions.slice(0, 3).map(({ pid, user, application }) => {
    return `the session ${pid}${user ? ` of “${user}”` : ''}${application ? ` (${application})` : ''}`;
  });
  const more = sessions.length - words.length;
  return words.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
