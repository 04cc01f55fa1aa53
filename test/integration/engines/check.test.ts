import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDatabase, checkMedia } from '../../../workflows/engines/check.js';
import { findPostgresTools, PostgresTools } from '../../../workflows/engines/postgres/tools.js';
import { startPostgres, type PostgresServer } from './postgresServer.js';

const never = new AbortController().signal;
let server: PostgresServer;
let tools: PostgresTools;

beforeAll(async () => {
  server = await startPostgres();
  tools = await findPostgresTools([]);
});
afterAll(() => server.stop());

describe('a check of a database', () => {
  const check = (change: Partial<ReturnType<PostgresServer['address']>> = {}, using = tools) =>
    checkDatabase({ ...server.address(), ...change }, using, never);

  test('finds nothing where all is well', async () => {
    expect(await check()).toEqual([]);
  });

  test.each([
    [
      { password: 'wrong' },
      'DATABASE_AUTHENTICATION',
      /^databaseUrl: .*does not let “super” in.*\. Correct the user name or password in the environment’s settings\.$/,
    ],
    [{ database: 'missing' }, 'DATABASE_AUTHENTICATION', /There is no database “missing”/],
    [{ port: 1 }, 'DATABASE_UNREACHABLE', /^databaseUrl: .*cannot be reached.*is right\.$/],
  ])('%j is %s', async (change, code, message) => {
    expect(await check(change)).toEqual([{ code, message: expect.stringMatching(message) }]);
  });

  test('names missing tools', async () => {
    expect(await check({}, new PostgresTools([]))).toEqual([
      {
        code: 'DATABASE_VERSION',
        message: expect.stringMatching(/has none\. Install the PostgreSQL client tools/),
      },
    ]);
  });

  test('names what may not be read', async () => {
    await server.query(`create role reader login password 'reader'`);
    await server.query('create database barred');
    await server.query(
      `create table fine (a int); grant select on fine to reader;
       create table secret (a int); create sequence counter;
       create table rows_hidden (a int); grant select on rows_hidden to reader; alter table rows_hidden enable row level security;
       create schema closed; create table closed.inside (a int); grant select on closed.inside to reader;
       select lo_from_bytea(0, 'x')`,
      'barred',
    );
    const [finding, ...others] = await check({ user: 'reader', password: 'reader', database: 'barred' });
    expect(others).toEqual([]);
    expect(finding?.code).toBe('DATABASE_PERMISSION');
    expect(finding?.message).toContain(
      ': closed.inside, public.counter, public.rows_hidden, public.secret, 1 large objects. Grant',
    );
  });

  test('refuses the catalogue', async () => {
    await server.query('create database catalogue');
    await server.query('create table holdfast_migrations (id int)', 'catalogue');
    expect(await check({ database: 'catalogue' })).toEqual([
      { code: 'DATABASE_PERMISSION', message: expect.stringContaining('Holdfast’s own catalogue') },
    ]);
  });

  test('a server that accepts and says nothing is away, and an abort is heard at once', async () => {
    const silent: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const reason = new Error('enough');
    const began = performance.now();
    await expect(
      checkDatabase({ ...server.address(), port }, tools, AbortSignal.timeout(300)),
    ).rejects.toThrow(/timeout/);
    expect(performance.now() - began).toBeLessThan(2_000);
    await expect(checkDatabase({ ...server.address(), port }, tools, AbortSignal.abort(reason))).rejects.toBe(
      reason,
    );
    expect(await check({ port })).toEqual([
      { code: 'DATABASE_UNREACHABLE', message: expect.stringContaining('timeout') },
    ]);
    silent.close();
  });
});

describe('a check of a media folder', () => {
  test('finds nothing where all is well, and names a folder that is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-check-'));
    mkdirSync(join(folder, 'a'));
    writeFileSync(join(folder, 'b'), 'x');
    expect(await checkMedia(folder, never)).toEqual([]);
    expect(await checkMedia(join(folder, 'b'), never)).toEqual([
      {
        code: 'MEDIA_NOT_FOUND',
        message: expect.stringMatching(/^media\.directory: .*is not a folder\. Create the folder/),
      },
    ]);
    expect(await checkMedia(join(folder, 'c'), never)).toEqual([
      { code: 'MEDIA_NOT_FOUND', message: expect.stringContaining('does not exist') },
    ]);
    await rm(folder, { recursive: true });
  });
});
