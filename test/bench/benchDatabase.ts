import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { startPostgres, type PostgresServer } from '../integration/engines/postgresServer.js';
import { sized } from './sized.js';

const run = promisify(execFile);
const scale = sized(50);
const documents = sized(800_000);

/** A database on a PostgreSQL server of a bench’s own. */
export interface BenchDatabase {
  /** What the server says it takes. */
  bytes: number;
  url: string;
  /** Where the server’s own programs lie. */
  bin: string;
  /** What libpq’s programs need to reach it. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

/** A database as hosted projects have them, 1.1 GB: pgbench’s tables, and documents of text and JSON. */
export async function makeUsualDatabase(): Promise<BenchDatabase> {
  return makeDatabase(async ({ bin }, env) => {
    await run(path.join(bin, 'pgbench'), ['--initialize', '--quiet', '--scale', String(scale)], {
      env: { ...process.env, ...env },
    });
    return documentsSql;
  });
}

/** A database of so many megabytes that hardly shrink. */
export async function makeDenseDatabase(megabytes: number): Promise<BenchDatabase> {
  return makeDatabase(async () => denseSql(megabytes));
}

async function makeDatabase(
  fill: (server: PostgresServer, env: Record<string, string>) => Promise<string>,
): Promise<BenchDatabase> {
  const server = await startPostgres();
  try {
    await server.query(`create role bench login createdb password 'bench'`);
    await server.query('create database bench owner bench');
    const { host, port } = server.address();
    const own = { PGUSER: 'bench', PGPASSWORD: 'bench', PGDATABASE: 'bench' };
    const env = { PGHOST: host, PGPORT: String(port), ...own };
    const sql = await fill(server, env);
    await run(path.join(server.bin, 'psql'), ['-q', '-v', 'ON_ERROR_STOP=1', '-c', sql], {
      env: { ...process.env, ...env },
    });
    await server.query('vacuum analyze', 'bench');
    const [size] = await server.query(`select pg_database_size('bench')::float8 as bytes`);
    const url = `postgres://bench:bench@${host}:${port}/bench`;
    return { bytes: Number(size?.bytes), url, bin: server.bin, env, stop: server.stop };
  } catch (error: unknown) {
    await server.stop();
    throw error;
  }
}

/** Words and numbers: text as people write it shrinks to a quarter. */
const documentsSql = `
  create table docs (id int primary key, title text, body text, facts jsonb);
  insert into docs
    select id, 'Title ' || id || ' ' || md5(id::text),
      (select string_agg((array['alpha','beta','gamma','delta','backup','project','hosted','media',
        'release','customer','invoice','payment','the','and','of','with'])[1 + (id * 7 + n * 13 + (id * n) % 11) % 16]
        || case when n % 9 = 0 then ' ' || substr(md5((id * n)::text), 1, 6) else '' end, ' ')
        from generate_series(1, 30) n),
      jsonb_build_object('id', id, 'state', (array['new','open','closed'])[1 + id % 3], 'price', (id * 37) % 10007,
        'tags', jsonb_build_array('t' || id % 17, 't' || id % 23), 'key', md5((id * 3)::text))
    from generate_series(1, ${documents}) id`;

function denseSql(megabytes: number): string {
  return `
    create table dense (id int primary key, body text not null);
    alter table dense alter body set storage external;
    insert into dense
      select row, body from generate_series(1, ${megabytes}) row,
        (select string_agg(md5(word::text), '') as body from generate_series(1, 32768) word) text`;
}
