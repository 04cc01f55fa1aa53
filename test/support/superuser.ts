import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';

/** Works in a running Holdfast’s embedded PostgreSQL as its superuser, in the database of that name. */
export async function asSuperuser<Result>(
  data: string,
  work: (client: Client, server: { port: number }) => Promise<Result>,
  database = 'postgres',
): Promise<Result> {
  const password = (await readFile(path.join(data, 'secrets/postgres-superuser'), 'utf8')).trim();
  const { postgres: port } = JSON.parse(await readFile(path.join(data, 'ports.json'), 'utf8')) as {
    postgres: number;
  };
  const client = new Client({ host: '127.0.0.1', port, user: 'postgres', password, database });
  await client.connect();
  try {
    return await work(client, { port });
  } finally {
    await client.end();
  }
}
