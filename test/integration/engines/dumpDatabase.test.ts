import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { dumpDatabase, type DumpOrder } from '../../../workflows/engines/postgres/dump.js';
import { PostgresTools } from '../../../workflows/engines/postgres/tools.js';
import { openStorage } from '../../../workflows/engines/storage/openStorage.js';
import { expectNothingLeft, keys, order, pidOf, slowDump, tableList, useDumpBench } from './dumpBench.js';
import { sha256 } from './mediaBench.js';
import { processesLike } from './postgresServer.js';

const bench = useDumpBench();

describe('a dump', () => {
  test('of odd things is a stock archive with exact row counts and hashes', async () => {
    const before = new Date();
    const dumped = await dumpDatabase(order(bench, 'odd'));
    const tables = await tableList(bench);
    const file = join(bench.directory, keys.dump);
    const bytes = await readFile(file);
    expect(dumped).toMatchObject({
      size: bytes.length,
      tool: expect.stringMatching(/^pg_dump \(PostgreSQL\) \d+\.\d+$/),
      warnings: [],
    });
    expect(dumped.sha256).toBe(sha256(bytes));
    expect(dumped.serverVersion).toMatch(/^\d+\.\d+$/);
    expect(Math.abs(dumped.takenAt.getTime() - before.getTime())).toBeLessThan(10_000);
    const counted = await bench.server.query(
      `select format('"%s"."%s"', replace(n.nspname, '"', '""'), replace(c.relname, '"', '""')) as name,
         (xpath('/table/row/n/text()', query_to_xml(format('select count(*) as n from only %I.%I', n.nspname, c.relname), true, false, '')))[1]::text::int as rows
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`,
      'odd',
    );
    expect(new Map([...tables].map(([name, { rows }]) => [name, rows]))).toEqual(
      new Map(counted.map(({ name, rows }) => [name, rows])),
    );
    expect(dumped.tables).toBe(counted.length);
    await bench.server.query('create database odd_again');
    const { host, port, user, password } = bench.server.address();
    const env = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
    execFileSync(join(bench.server.bin, 'pg_restore'), ['--exit-on-error', '-d', 'odd_again', file], { env });
    await dumpDatabase(order(bench, 'odd_again', { keys: { dump: 'again', tableList: 'again.tables' } }));
    expect(await tableList(bench, 'again.tables')).toEqual(tables);
    const objects =
      'select count(*)::int as n, sum(length(lo_get(oid)))::int as bytes from pg_largeobject_metadata';
    expect(await bench.server.query(objects, 'odd_again')).toEqual(await bench.server.query(objects, 'odd'));
  });

  test('is read by the stock program, whatever compressed it, also by several at once', async () => {
    const [own] = bench.tools.found;
    if (!own) throw new Error('No tools');
    const tables: unknown[] = [];
    for (const accelerator of new Set([own.accelerator, null])) {
      const tools = new PostgresTools([{ ...own, accelerator }]);
      const dumped = await dumpDatabase(order(bench, 'wide', { tools }));
      expect(dumped.compression).toBe(`gzip (${accelerator === null ? 'zlib' : 'ISA-L'}, level 1)`);
      const file = join(bench.directory, keys.dump);
      const contents = execFileSync(own.pgRestore, ['--list', file], { encoding: 'utf8' });
      expect(contents).toContain('TABLE DATA public big super');
      const name = accelerator === null ? 'by_zlib' : 'by_isal';
      await bench.server.query(`create database ${name}`);
      const { host, port, user, password } = bench.server.address();
      const env = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
      execFileSync(own.pgRestore, ['--exit-on-error', '--jobs=2', '-d', name, file], { env });
      expect(await bench.server.query('select count(*)::int as n from big', name)).toEqual([{ n: 120_000 }]);
      tables.push(await tableList(bench));
    }
    expect(tables.every((each) => isDeepStrictEqual(each, tables[0]))).toBe(true);
  });

  test('is made by zlib where what was preloaded breaks it', async () => {
    const [own] = bench.tools.found;
    if (!own) throw new Error('No tools');
    // A program that ends as a crash does, unless nothing is preloaded.
    const pgDump = join(bench.directory, 'pg_dump');
    await writeFile(pgDump, `#!/bin/sh\n[ -n "$LD_PRELOAD" ] && kill -SEGV $$\nexec ${own.pgDump} "$@"\n`, {
      mode: 0o700,
    });
    const tools = new PostgresTools([{ ...own, pgDump, accelerator: '/nonexistent/accelerator.so' }]);
    const dumped = await dumpDatabase(order(bench, 'wide', { tools }));
    expect(dumped.compression).toBe('gzip (zlib, level 1)');
  });

  test('of an empty database is a good one, and says so', async () => {
    await bench.server.query('create database nothing');
    expect(await dumpDatabase(order(bench, 'nothing'))).toMatchObject({
      tables: 0,
      warnings: [{ code: 'DATABASE_EMPTY' }],
    });
    expect(await tableList(bench)).toEqual(new Map());
  });

  test.each([`it's a=b`, 'postgres://x', 'dbname=odd', '-x', 'back\\slash "quoted"', 'line\nfeed'])(
    'finds the database %j',
    async (name) => {
      await bench.server.query(`create database "${name.replaceAll('"', '""')}"`);
      await bench.server.query('create table only_here (a int)', name);
      await dumpDatabase(order(bench, name));
      expect([...(await tableList(bench)).keys()]).toEqual(['"public"."only_here"']);
    },
  );

  test('tells of its progress from the first moment, never back and never too much', async () => {
    await bench.server.query(
      `update pg_class set reltuples = 5, relpages = 3000 where relname = 'big'`,
      'wide',
    );
    let stored = 0;
    const seen: Array<{ doneBytes: number; totalBytes: number | null; stored: number; at: number }> = [];
    const began = performance.now();
    const storage = openStorage({ directory: bench.directory, maxBytesPerSecond: 1_500_000 });
    const spied = { ...order(bench, 'wide').storage, ...storage };
    spied.write = (of, source, options) =>
      storage.write(of, source, {
        ...options,
        onBytes: (total) => {
          if (of === keys.dump) stored = total;
          options.onBytes?.(total);
        },
      });
    const dumped = await dumpDatabase(
      order(bench, 'wide', {
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
    const { slow, dumping } = slowDump(bench);
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
    const failing = order(bench, database, { lockWaitMs: 500 });
    failing.address = { ...failing.address, ...address };
    const failure = await dumpDatabase(failing).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'StepProblem', code, message: expect.stringMatching(message) });
    expect(String(failure)).not.toContain(failing.address.password);
    await expectNothingLeft(bench, failing);
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
    await bench.server.query('create database catalogue');
    await bench.server.query('create table holdfast_migrations (id int)', 'catalogue');
    await cannot('catalogue', {}, 'DATABASE_PERMISSION', /Holdfast’s own catalogue/);
  });

  test('names what may not be read, row security included', async () => {
    await bench.server.query(`create role reader login password 'reader password'`);
    await bench.server.query('create database barred');
    await bench.server.query(
      'create table "open" (a int); create table secret (a int); grant select on "open" to reader',
      'barred',
    );
    const reader = { user: 'reader', password: 'reader password' };
    await cannot('barred', reader, 'DATABASE_PERMISSION', /permission denied for table secret/);
    await bench.server.query(
      'grant select on secret to reader; alter table secret enable row level security; alter table secret force row level security',
      'barred',
    );
    await cannot('barred', reader, 'DATABASE_PERMISSION', /row-level security policy for table "secret"/);
  });

  test('names a locked table and who holds it', async () => {
    const holder = await bench.server.connect('odd');
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
    const none = order(bench, 'odd', { tools: new PostgresTools([]) });
    await expect(dumpDatabase(none)).rejects.toMatchObject({ code: 'DATABASE_VERSION' });
    await expectNothingLeft(bench, none);
  });

  test('is no backup where reading it back fails', async () => {
    const [own] = bench.tools.found;
    if (!own) throw new Error('No tools');
    for (const pgRestore of ['/bin/false', '/bin/true', '/bin/cat']) {
      const failing = order(bench, 'wide', { tools: new PostgresTools([{ ...own, pgRestore }]) });
      await expect(dumpDatabase(failing)).rejects.toMatchObject({
        code: 'DATABASE_DUMP_FAILED',
        message: expect.stringContaining('read back'),
      });
      await expectNothingLeft(bench, failing);
    }
  });
});
