import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { DatabaseAddress } from '#schema/catalogue';
import { dumpDatabase } from '../../../../workflows/engines/postgres/dump.js';
import type { ExpectedTable } from '../../../../workflows/engines/postgres/restore/compareTables.js';
import type { StageOrder } from '../../../../workflows/engines/postgres/restore/stageDatabase.js';
import { findPostgresTools, type PostgresTools } from '../../../../workflows/engines/postgres/tools.js';
import { openStorage } from '../../../../workflows/engines/storage/openStorage.js';
import { keys, tableList } from '../dumpBench.js';
import { processesLike, startPostgres, type PostgresServer } from '../postgresServer.js';

/** A server with ordinary roles: `app` may create databases, `limited` not; `reader` owns nothing; `keeper` is one of app’s. */
export interface RestoreBench {
  server: PostgresServer;
  tools: PostgresTools;
  /** Fresh for each test. */
  directory: string;
}

/** A dump on disk, and what is recorded of it. */
export interface DumpOnDisk {
  file: string;
  expected: ExpectedTable[];
}

const password = 'of an ordinary role';

/** Sets up one server for the file and a fresh folder for each of its tests. */
export function useRestoreBench(): RestoreBench {
  const bench = {} as RestoreBench;
  beforeAll(async () => {
    bench.server = await startPostgres(['max_prepared_transactions=2', 'wal_level=logical']);
    bench.tools = await findPostgresTools([]);
    await bench.server.query(`
      create role app login createdb password '${password}'; create role limited login password '${password}';
      create role reader login password '${password}'; create role keeper; create role stranger;
      grant keeper to app; grant pg_signal_backend to app;`);
  }, 120_000);
  afterAll(() => bench.server.stop());
  beforeEach(async () => {
    bench.directory = await mkdtemp(join(tmpdir(), 'holdfast-restore-'));
  });
  afterEach(() => rm(bench.directory, { recursive: true, force: true }));
  return bench;
}

/** How a role reaches a database. */
export function addressOf({ server }: RestoreBench, database: string, user = 'app'): DatabaseAddress {
  return { ...server.address(database), ...(user === 'super' ? {} : { user, password }) };
}

/** Asks as a role. */
export async function ask(
  bench: RestoreBench,
  database: string,
  sql: string,
  user = 'app',
): Promise<Array<Record<string, unknown>>> {
  return bench.server.query(
    user === 'super' ? sql : `set session authorization ${user}; ${sql}`,
    database,
  ) as Promise<Array<Record<string, unknown>>>;
}

/** Makes a database of that owner, filled by the owner. */
export async function makeDatabase(
  bench: RestoreBench,
  name: string,
  { sql = '', owner = 'app', options = '' }: { sql?: string; owner?: string; options?: string } = {},
): Promise<void> {
  await bench.server.query(`drop database if exists "${name}" with (force)`);
  await bench.server.query(`create database "${name}" owner ${owner} ${options}`);
  if (sql) await bench.server.query(`set role ${owner}; ${sql}`, name);
}

/** Dumps as a backup does, by the superuser. */
export async function dump(bench: RestoreBench, database: string): Promise<DumpOnDisk> {
  await dumpDatabase({
    address: bench.server.address(database),
    tools: bench.tools,
    storage: openStorage({ directory: bench.directory }),
    keys,
    applicationName: `holdfast test ${database}`,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  const tables = await tableList(bench as never);
  return {
    file: join(bench.directory, keys.dump),
    expected: [...tables].map(([table, content]) => ({ table, ...content })),
  };
}

let count = 0;

/** What is needed to restore a dump beside a database. */
export function stageOrder(
  bench: RestoreBench,
  database: string,
  { file, expected }: DumpOnDisk,
  more: Partial<StageOrder> = {},
): StageOrder {
  count += 1;
  return {
    address: addressOf(bench, database),
    tools: bench.tools,
    file,
    stagedName: `${database.slice(0, 30)}_restore_${count}`,
    expected,
    jobs: 2,
    applicationName: `holdfast test restore ${count}`,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...more,
  };
}

/** All that a database holds: its definitions with owners and grants as text, its contents as one hash. */
export function contentOf({ server }: RestoreBench, database: string): { schema: string; data: string } {
  const { host, port, user, password: secret } = server.address();
  const env = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: secret };
  const read = (...args: string[]) =>
    execFileSync(join(server.bin, 'pg_dump'), [...args, '-d', database], { env, maxBuffer: 1024 ** 3 });
  // But for what tells of one run, and of the server’s version.
  const plain = (text: string) => text.replace(/^(?:\\(?:un)?restrict|-- Dumped from) .*$/gm, '');
  const data = plain(read('--data-only').toString('latin1'));
  return {
    schema: plain(read('--schema-only').toString('utf8')),
    data: createHash('sha256').update(data, 'latin1').digest('hex'),
  };
}

/** No database of that name, no session, no program. */
export async function expectNothingStaged(
  { server }: RestoreBench,
  { stagedName, applicationName }: Pick<StageOrder, 'stagedName' | 'applicationName'>,
): Promise<void> {
  expect(await server.query(`select datname from pg_database where datname = '${stagedName}'`)).toEqual([]);
  const sessions = () =>
    server.query(`select pid from pg_stat_activity where application_name = '${applicationName}'`);
  await expect.poll(sessions, { timeout: 5_000 }).toEqual([]);
  expect(await processesLike(new RegExp(`^${server.bin}/(?:pg_restore|psql) .*${stagedName}`))).toEqual([]);
}
