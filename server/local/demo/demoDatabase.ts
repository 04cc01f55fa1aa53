import pg from 'pg';
import type { DemoEnvironment } from './demoEnvironments.js';
import { demoRowsSql } from './demoRowsSql.js';
import { DEMO_KEYS_AND_VIEWS_SQL, DEMO_TABLES_SQL } from './demoTablesSql.js';
import { scramVerifier } from '../scramVerifier.js';

/** Where the PostgreSQL server for the demo is, and who may make roles and databases there. */
export interface DemoSuperuser {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/**
 * Makes the environment's role and its database with all rows unless the database is there already; true where it did.
 * The database appears whole or not at all: it is built under another name, and what a cut-off left there is dropped.
 */
export async function createDemoDatabase(
  superuser: DemoSuperuser,
  environment: DemoEnvironment,
  password: string,
): Promise<boolean> {
  const database = environment.database;
  const building = `${database}_building`;
  return await withClient(superuser, async (admin) => {
    await ensureRole(admin, database, password);
    if (await databaseExists(admin, database)) return false;

    await admin.query(`DROP DATABASE IF EXISTS ${building} WITH (FORCE)`);
    await admin.query(
      `CREATE DATABASE ${building} OWNER ${database} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`,
    );
    await admin.query(`REVOKE CONNECT ON DATABASE ${building} FROM PUBLIC`);
    const owner = { ...superuser, user: database, password, database: building };
    await withClient({ ...owner, host: demoDatabaseHost(superuser) }, (client) =>
      fill(client, environment.share),
    );
    await admin.query(`ALTER DATABASE ${building} RENAME TO ${database}`);
    return true;
  });
}

/** The host at which an environment's own role reaches its database: TCP, also where the superuser uses a socket's folder. */
export function demoDatabaseHost(superuser: DemoSuperuser): string {
  return superuser.host.startsWith('/') || superuser.host === 'localhost' ? '127.0.0.1' : superuser.host;
}

/** A role of few rights: CREATEDB, because a restore is built beside the database that it replaces. */
async function ensureRole(admin: pg.Client, role: string, password: string): Promise<void> {
  const found = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  const verb = found.rowCount === 0 ? 'CREATE' : 'ALTER';
  const rights = 'LOGIN NOSUPERUSER NOCREATEROLE CREATEDB NOREPLICATION NOBYPASSRLS';
  await admin.query(`${verb} ROLE ${role} WITH ${rights} PASSWORD '${scramVerifier(password)}'`);
}

async function databaseExists(admin: pg.Client, database: string): Promise<boolean> {
  const found = await admin.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  return found.rowCount !== 0;
}

async function fill(client: pg.Client, share: number): Promise<void> {
  await client.query("SET TIME ZONE 'UTC'");
  await client.query("SET maintenance_work_mem = '128MB'");
  await client.query('SET synchronous_commit = off'); // the renaming afterwards waits for the disk
  await client.query('BEGIN');
  for (const statement of DEMO_TABLES_SQL) await client.query(statement);
  for (const statement of demoRowsSql(share)) await client.query(statement);
  for (const statement of DEMO_KEYS_AND_VIEWS_SQL) await client.query(statement);
  await client.query('COMMIT');
  await client.query('ANALYZE');
}

async function withClient<Result>(
  connection: DemoSuperuser,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ ...connection, application_name: 'holdfast demo' });
  // Without a listener a lost connection would end the whole process; the query under way fails anyway.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
