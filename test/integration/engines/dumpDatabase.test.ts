import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dumpDatabase, type DumpOrder } from '../../../workflows/engines/postgres/dump.js';
import { findPostgresTools, PostgresTools } from '../../../workflows/engines/postgres/tools.js';
import { openStorage } from '../../../workflows/engines/storage/openStorage.js';
import { oddDatabase } from './oddDatabase.js';
import { processesLike, startPostgres, type PostgresServer } from './postgresServer.js';
import { mountSmallDisk } from './smallDisk.js';
import { keysOf } from './storage.suite.js';

let server: PostgresServer;
let tools: PostgresTools;
let directory: string;
let count = 0;
const key = 'v1/p/e/backups/b/run-1/database.dump';

beforeAll(async () => {
  server = await startPostgres();
  tools = await findPostgresTools([]);
  await server.query('create database odd');
  await server.query(oddDatabase, 'odd');
  await server.query('create database wide');
  // Random text hardly shrinks, so that a slow storage makes a slow dump.
  await server.query(
    `create table big as select i, md5(i::text) || md5((-i)::text) || md5((i + 0.5)::text) as x from generate_series(1, 120000) i;
     create table small as select i from generate_series(1, 10) i`,
    'wide',
  );
}, 120_000);
afterAll(() => server.stop());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-dump-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function order(database: string, more: Partial<DumpOrder> = {}): DumpOrder {
  return {
    address: server.address(database),
    tools,
    storage: openStorage({ directory }),
    key,
    applicationName: `holdfast test ${(count += 1)}`,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...more,
  };
}

/** A dump that takes some seconds, with what is needed to disturb it meanwhile. */
function slowDump(more: Partial<DumpOrder> = {}) {
  const slow = order('wide', { storage: openStorage({ directory, maxBytesPerSecond: 1_500_000 }), ...more });
  const dumping = dumpDatabase(slow);
  dumping.catch(() => undefined);
  return { slow, dumping };
}

async function expectNothingLeft({ applicationName, storage }: DumpOrder): Promise<void> {
  expect(await keysOf(storage, '')).toEqual([]);
  const sessions = () =>
    server.query(`select pid from pg_stat_activity where application_name like '${applicationName}%'`);
  await expect.poll(sessions, { timeout: 5_000 }).toEqual([]);
  expect(await processesLike(new RegExp(`^${server.bin}/pg_(dump|restore) .*`))).toEqual([]);
}

async function pidOf(program: string): Promise<number> {
  for (;;) {
    const found = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
      .split('\n')
      .find((line) => line.includes(`${server.bin}/${program} --format`) && !line.includes('setpriv'));
    if (found) return Number.parseInt(found, 10);
    await sleep(20);
  }
}

describe('a dump', () => {
  test('of odd things is a stock archive with exact row counts', async () => {
    const before = new Date();
    const dumped = await dumpDatabase(order('odd'));
    const file = join(directory, key);
    const bytes = await readFile(file);
    expect(dumped).toMatchObject({
      size: bytes.length,
      tool: expect.stringMatching(/^pg_dump \(PostgreSQL\) \d+\.\d+$/),
      warnings: [],
    });
    expect(dumped.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(dumped.serverVersion).toMatch(/^\d+\.\d+$/);
    expect(Math.abs(dumped.takenAt.getTime() - before.getTime())).toBeLessThan(10_000);
    const counted = await server.query(
      `select format('"%s"."%s"', replace(n.nspname, '"', '""'), replace(c.relname, '"', '""')) as name,
         (xpath('/table/row/n/text()', query_to_xml(format('select count(*) as n from only %I.%I', n.nspname, c.relname), true, false, '')))[1]::text::int as rows
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`,
      'odd',
    );
    expect(dumped.rows).toEqual(Object.fromEntries(counted.map(({ name, rows }) => [name, rows])));
    expect(dumped.tables).toBe(counted.length);
    await server.query('create database odd_again');
    const { host, port, user, password } = server.address();
    const env = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
    execFileSync(join(server.bin, 'pg_restore'), ['--exit-on-error', '-d', 'odd_again', file], { env });
    const again = await dumpDatabase(order('odd_again', { key: 'again' }));
    expect(again.rows).toEqual(dumped.rows);
    const objects =
      'select count(*)::int as n, sum(length(lo_get(oid)))::int as bytes from pg_largeobject_metadata';
    expect(await server.query(objects, 'odd_again')).toEqual(await server.query(objects, 'odd'));
  });

  test('of an empty database is a good one', async () => {
    await server.query('create database nothing');
    expect(await dumpDatabase(order('nothing'))).toMatchObject({ tables: 0, rows: {} });
  });

  test.each([`it's a=b`, 'postgres://x', 'dbname=odd', '-x', 'back\\slash "quoted"', 'line\nfeed'])(
    'finds the database %j',
    async (name) => {
      await server.query(`create database "${name.replaceAll('"', '""')}"`);
      await server.query('create table only_here (a int)', name);
      expect((await dumpDatabase(order(name))).rows).toEqual({ '"public"."only_here"': 0 });
    },
  );

  test('tells of its progress from the first moment, never back and never too much', async () => {
    await server.query(`update pg_class set reltuples = 5, relpages = 3000 where relname = 'big'`, 'wide');
    let stored = 0;
    const seen: Array<{ doneBytes: number; totalBytes: number | null; stored: number; at: number }> = [];
    const began = performance.now();
    const storage = openStorage({ directory, maxBytesPerSecond: 1_500_000 });
    const spied = { ...order('wide').storage, ...storage };
    spied.write = (of, source, options) =>
      storage.write(of, source, {
        ...options,
        onBytes: (total) => ((stored = total), options.onBytes?.(total)),
      });
    const dumped = await dumpDatabase(
      order('wide', {
        storage: spied,
        onProgress: (progress) => seen.push({ ...progress, stored, at: performance.now() - began }),
      }),
    );
    expect(seen[0]).toMatchObject({ doneBytes: 0, totalBytes: null });
    expect(seen[0]?.at).toBeLessThan(1_000);
    const told = seen.filter(({ totalBytes }) => totalBytes !== null);
    expect(told.at(-1)).toMatchObject({ doneBytes: told[0]?.totalBytes });
    const shares = told.map(({ doneBytes, totalBytes }) => doneBytes / (totalBytes ?? 1));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(new Set(shares).size).toBeGreaterThan(12);
    // What pg_dump has ready but the slow storage has not taken yet counts as read: some hundred KiB.
    const ahead = told.map(
      ({ doneBytes, totalBytes, stored: truth }) => doneBytes / (totalBytes ?? 1) - truth / dumped.size,
    );
    expect(Math.max(...ahead)).toBeLessThan(0.1);
  });

  test('keeps the password out of every command line', async () => {
    const { slow, dumping } = slowDump();
    await pidOf('pg_dump');
    await sleep(300);
    expect(await processesLike(new RegExp(slow.address.password.replace(/[$]/g, '\\$&')))).toEqual([]);
    expect(await processesLike(/pg_dump --format=custom/)).not.toEqual([]);
    await dumping;
  });
});

describe('a dump that cannot be made', () => {
  const cannot = async (
    database: string,
    address: Partial<DumpOrder['address']>,
    code: string,
    message: RegExp,
  ) => {
    const failing = order(database, { lockWaitMs: 500 });
    failing.address = { ...failing.address, ...address };
    const failure = await dumpDatabase(failing).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'StepProblem', code, message: expect.stringMatching(message) });
    expect(String(failure)).not.toContain(failing.address.password);
    await expectNothingLeft(failing);
  };

  test('names a wrong password', () =>
    cannot(
      'odd',
      { password: 'wr0ng' },
      'DATABASE_AUTHENTICATION',
      /“super”.*password authentication failed/,
    ));
  test('names a wrong user', () => cannot('odd', { user: 'nobody' }, 'DATABASE_AUTHENTICATION', /“nobody”/));
  test('names a wrong database', () =>
    cannot('missing', {}, 'DATABASE_AUTHENTICATION', /There is no database “missing”/));
  test('names a server that is not there', () =>
    cannot('odd', { port: 1 }, 'DATABASE_UNREACHABLE', /127\.0\.0\.1:1 .*ECONNREFUSED/));
  test('names a host that is not there', () =>
    cannot('odd', { host: 'no-such-host.invalid' }, 'DATABASE_UNREACHABLE', /no-such-host\.invalid/));
  test('asks for encryption in vain', () =>
    cannot('odd', { sslmode: 'require' }, 'DATABASE_AUTHENTICATION', /sslmode=require/));

  test('refuses the catalogue', async () => {
    await server.query('create database catalogue');
    await server.query('create table holdfast_migrations (id int)', 'catalogue');
    await cannot('catalogue', {}, 'DATABASE_PERMISSION', /Holdfast’s own catalogue/);
  });

  test('names what may not be read, row security included', async () => {
    await server.query(`create role reader login password 'reader password'`);
    await server.query('create database barred');
    await server.query(
      'create table "open" (a int); create table secret (a int); grant select on "open" to reader',
      'barred',
    );
    const reader = { user: 'reader', password: 'reader password' };
    await cannot('barred', reader, 'DATABASE_PERMISSION', /permission denied for table secret/);
    await server.query(
      'grant select on secret to reader; alter table secret enable row level security; alter table secret force row level security',
      'barred',
    );
    await cannot('barred', reader, 'DATABASE_PERMISSION', /row-level security policy for table "secret"/);
  });

  test('names a locked table and who holds it', async () => {
    const holder = await server.connect('odd');
    await holder.query(
      `set application_name = 'the migration'; begin; lock table plain in access exclusive mode; select 'top secret'`,
    );
    const began = performance.now();
    await cannot(
      'odd',
      {},
      'DATABASE_LOCKED',
      /public\.plain stayed locked by the session \d+ of “super” \(the migration\).*“set application_name = …; begin; lock table/,
    );
    expect(performance.now() - began).toBeLessThan(8_000);
    await holder.end();
  });

  test('asks for the tools of the server', async () => {
    const none = order('odd', { tools: new PostgresTools([]) });
    await expect(dumpDatabase(none)).rejects.toMatchObject({ code: 'DATABASE_VERSION' });
    await expectNothingLeft(none);
  });

  test('is no backup where reading it back fails', async () => {
    const [own] = tools.found;
    if (!own) throw new Error('No tools');
    for (const pgRestore of ['/bin/false', '/bin/true', '/bin/cat']) {
      const failing = order('wide', { tools: new PostgresTools([{ ...own, pgRestore }]) });
      await expect(dumpDatabase(failing)).rejects.toMatchObject({
        code: 'DATABASE_DUMP_FAILED',
        message: expect.stringContaining('read back'),
      });
      await expectNothingLeft(failing);
    }
  });
});

describe('a dump that is disturbed leaves nothing', () => {
  test('when its session is ended', async () => {
    const { slow, dumping } = slowDump();
    await pidOf('pg_dump');
    await sleep(1_000);
    await server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${slow.applicationName}'`,
    );
    await expect(dumping).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    await expectNothingLeft(slow);
  });

  test.each(['pg_dump', 'pg_restore'])('when %s is killed', async (program) => {
    const { slow, dumping } = slowDump();
    const pid = await pidOf(program);
    await sleep(1_000);
    process.kill(pid, 'SIGKILL');
    await expect(dumping).rejects.toMatchObject({
      code: program === 'pg_dump' ? 'INTERNAL' : 'DATABASE_DUMP_FAILED',
    });
    await expectNothingLeft(slow);
  });

  test('when it is cancelled, at any moment', async () => {
    for (const afterMs of [0, 30, 100, 300, 1_500]) {
      const controller = new AbortController();
      const reason = new Error('cancelled');
      const { slow, dumping } = slowDump({ signal: controller.signal });
      await sleep(afterMs);
      controller.abort(reason);
      await expect(dumping).rejects.toBe(reason);
      await expectNothingLeft(slow);
    }
  });

  test('when it waits for a lock and is cancelled', async () => {
    const holder = await server.connect('wide');
    await holder.query('begin; lock table big in access exclusive mode');
    const controller = new AbortController();
    const { slow, dumping } = slowDump({ signal: controller.signal });
    await pidOf('pg_dump');
    await sleep(700);
    controller.abort(new Error('cancelled'));
    await expect(dumping).rejects.toThrow('cancelled');
    await expectNothingLeft(slow);
    await holder.end();
  });

  test('when pg_dump hangs', async () => {
    const { slow, dumping } = slowDump({ stallMs: 1_000 });
    process.kill(await pidOf('pg_dump'), 'SIGSTOP');
    await expect(dumping).rejects.toMatchObject({ code: 'STALLED' });
    await expectNothingLeft(slow);
  });

  test('when storage is full', async () => {
    const disk = mountSmallDisk(2);
    const full = disk
      ? openStorage({ directory: disk.path })
      : openStorage({ directory: join(directory, 'absent') });
    try {
      const failing = order('wide', { storage: full });
      await expect(dumpDatabase(failing)).rejects.toMatchObject({
        code: disk ? 'STORAGE_FULL' : 'STORAGE_UNREACHABLE',
      });
      expect(await processesLike(/pg_(dump|restore) --format/)).toEqual([]);
      if (disk) await expectNothingLeft(failing);
    } finally {
      disk?.release();
    }
  });
});
