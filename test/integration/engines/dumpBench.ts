import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { dumpDatabase, type DumpOrder, type Dumped } from '../../../workflows/engines/postgres/dump.js';
import { findPostgresTools, type PostgresTools } from '../../../workflows/engines/postgres/tools.js';
import type { Storage } from '../../../workflows/engines/storage/storage.js';
import { openStorage } from '../../../workflows/engines/storage/openStorage.js';
import { oddDatabase } from './oddDatabase.js';
import { processesLike, startPostgres, type PostgresServer } from './postgresServer.js';
import { keysOf } from './storage.suite.js';

export const keys = {
  dump: 'v1/p/e/backups/b/run-1/database.dump',
  tableList: 'v1/p/e/backups/b/run-1/tables.jsonl.gz',
};

/** A server with the databases `odd` and `wide`, and a storage for each test. */
export interface DumpBench {
  server: PostgresServer;
  tools: PostgresTools;
  directory: string;
}

/** Sets up one server for the file and a fresh storage for each of its tests. */
export function useDumpBench(serverSettings: readonly string[] = []): DumpBench {
  const bench = {} as DumpBench;
  beforeAll(async () => {
    bench.server = await startPostgres(serverSettings);
    bench.tools = await findPostgresTools([]);
    await bench.server.query('create database odd');
    await bench.server.query(oddDatabase, 'odd');
    await bench.server.query('create database wide');
    // Random text hardly shrinks, so that a slow storage makes a slow dump.
    await bench.server.query(
      `create table big as select i, md5(i::text) || md5((-i)::text) || md5((i + 0.5)::text) as x from generate_series(1, 120000) i;
       create table small as select i from generate_series(1, 10) i`,
      'wide',
    );
  }, 120_000);
  afterAll(() => bench.server.stop());
  beforeEach(async () => {
    bench.directory = await mkdtemp(join(tmpdir(), 'holdfast-dump-'));
  });
  afterEach(() => rm(bench.directory, { recursive: true, force: true }));
  return bench;
}

let count = 0;

/** What is needed to dump a database. */
export function order(
  { server, tools, directory }: DumpBench,
  database: string,
  more: Partial<DumpOrder & { storage: Storage }> = {},
): DumpOrder & { storage: Storage } {
  return {
    address: server.address(database),
    tools,
    storage: openStorage({ directory }),
    keys,
    applicationName: `holdfast test ${(count += 1)}`,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...more,
  };
}

/** What the stored list says of each table. */
export async function tableList(
  { directory }: DumpBench,
  key: string = keys.tableList,
): Promise<Map<string, { rows: number; sha256: string }>> {
  const text = gunzipSync(await readFile(join(directory, key))).toString();
  const lines = text.split('\n').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const { table, ...content } = JSON.parse(line) as { table: string; rows: number; sha256: string };
      return [table, content];
    }),
  );
}

/** A dump that takes some seconds, with what is needed to disturb it meanwhile. */
export function slowDump(
  bench: DumpBench,
  more: Partial<DumpOrder & { storage: Storage }> = {},
): { slow: DumpOrder & { storage: Storage }; dumping: Promise<Dumped> } {
  const storage = openStorage({ directory: bench.directory, maxBytesPerSecond: 1_500_000 });
  const slow = order(bench, 'wide', { storage, ...more });
  const dumping = dumpDatabase(slow);
  dumping.catch(() => undefined);
  return { slow, dumping };
}

/** No object, no session of the dump, no program. */
export async function expectNothingLeft(
  { server }: DumpBench,
  { applicationName, storage }: DumpOrder & { storage: Storage },
): Promise<void> {
  expect(await keysOf(storage, '')).toEqual([]);
  const sessions = () =>
    server.query(`select pid from pg_stat_activity where application_name like '${applicationName}%'`);
  await expect.poll(sessions, { timeout: 5_000 }).toEqual([]);
  expect(
    await processesLike(new RegExp(`^${server.bin}/pg_(dump|restore) .*:${server.address().port}`)),
  ).toEqual([]);
}

/** The process id of the program that is running for this test run, once it is. */
export async function pidOf(program: string): Promise<number> {
  for (;;) {
    const found = execFileSync('ps', ['-o', 'pid,args', '--ppid', String(process.pid)], { encoding: 'utf8' })
      .split('\n')
      .find((line) => line.includes(`/${program} --format`) && !line.includes('setpriv'));
    if (found) return Number.parseInt(found, 10);
    await sleep(20);
  }
}
