import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { scramVerifier } from './scramVerifier.js';
import type { Superuser } from './postgres.js';

const NAME = 'holdfast';

/**
 * Makes sure that the catalogue's role and database are there, closed to all other roles, and answers the catalogue's
 * connection URL as that role. May be called at every start.
 */
export async function makeCatalogueDatabase(superuser: Superuser, password: string): Promise<string> {
  const client = new Client({ ...superuser, ssl: false });
  await client.connect();
  try {
    const name = escapeIdentifier(NAME);
    const role = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [NAME]);
    if (role.rowCount === 0) await client.query(`CREATE ROLE ${name} LOGIN`);
    // In the form that PostgreSQL keeps, so that the password itself cannot get into its log.
    await client.query(`ALTER ROLE ${name} PASSWORD ${escapeLiteral(scramVerifier(password))}`);
    const database = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [NAME]);
    if (database.rowCount === 0) await client.query(`CREATE DATABASE ${name} OWNER ${name}`);
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  } finally {
    await client.end();
  }
  return `postgres://${NAME}:${encodeURIComponent(password)}@${superuser.host}:${superuser.port}/${NAME}`;
}
