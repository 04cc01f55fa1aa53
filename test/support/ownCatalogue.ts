import { randomBytes } from 'node:crypto';
import { escapeIdentifier } from 'pg';
import { asSuperuser } from './superuser.js';

/** An empty database for a catalogue of a test’s own, on the PostgreSQL of a running Holdfast. */
export interface OwnCatalogue {
  /** Its name, and that of its role. */
  name: string;
  password: string;
  /** Where the PostgreSQL server listens, on 127.0.0.1. */
  port: number;
  /** Its address by this port. */
  url(port?: number): string;
  drop(): Promise<void>;
}

/** Makes one, with a role that owns it and may do nothing else. */
export async function makeOwnCatalogue(data: string): Promise<OwnCatalogue> {
  const name = `catalogue_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  const role = escapeIdentifier(name);
  const port = await asSuperuser(data, async (client, server) => {
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
    await client.query(`CREATE DATABASE ${role} OWNER ${role}`);
    return server.port;
  });
  return {
    name,
    password,
    port,
    url: (through = port) => `postgres://${name}:${password}@127.0.0.1:${through}/${name}`,
    drop: () =>
      asSuperuser(data, async (client) => {
        await client.query(`DROP DATABASE ${role} WITH (FORCE)`);
        await client.query(`DROP ROLE ${role}`);
      }),
  };
}
