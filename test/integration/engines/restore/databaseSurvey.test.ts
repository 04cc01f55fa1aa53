import { describe, expect, test } from 'vitest';
import { judgeArchive } from '../../../../workflows/engines/postgres/restore/judgeArchive.js';
import {
  oldNameOf,
  stagedNameOf,
  stagedPrefixOf,
} from '../../../../workflows/engines/postgres/restore/names.js';
import { readArchiveFacts } from '../../../../workflows/engines/postgres/restore/readArchive.js';
import { restoreProblem } from '../../../../workflows/engines/postgres/restore/restoreProblem.js';
import { surveyDestination } from '../../../../workflows/engines/postgres/restore/surveyDestination.js';
import { addressOf, dump, makeDatabase, useRestoreBench } from './databaseRestoreBench.js';

const bench = useRestoreBench();
const { signal } = new AbortController();

describe('a look at a destination', () => {
  test('tells who we are there, what is there and who is connected', async () => {
    await makeDatabase(bench, 'seen', { sql: 'create table t (a int); create table p (a int)' });
    const other = await bench.server.connect('seen');
    await other.query(`select pg_create_logical_replication_slot('a_slot', 'pgoutput')`);
    await other.query(`begin; insert into p values (1); prepare transaction 'open one'`);
    await other.query(
      `create subscription a_subscription connection 'host=nowhere' publication p with (connect = false)`,
    );
    const survey = await surveyDestination({ address: addressOf(bench, 'seen'), tools: bench.tools, signal });
    expect(survey).toMatchObject({
      exists: true,
      role: 'app',
      owner: 'app',
      isSuperuser: false,
      mayCreateDatabases: true,
      ownsDatabase: true,
      encoding: 'UTF8',
      collate: 'C',
      ctype: 'C',
      freeBytes: null,
      hasTools: true,
      sessions: [{ user: 'super', mayEnd: false }],
      preparedTransactions: ['open one'],
      replicationSlots: ['a_slot'],
      subscriptions: ['a_subscription'],
      objects: 2,
      blockers: [],
      warnings: [],
    });
    expect(survey.sizeBytes).toBeGreaterThan(1_000_000);
    expect(survey.roles).toEqual(
      expect.arrayContaining([
        { name: 'keeper', maySet: true },
        { name: 'stranger', maySet: false },
      ]),
    );
    expect(survey.extensionsAvailable).toEqual(
      expect.arrayContaining([
        { name: 'hstore', trusted: true, superuser: true },
        { name: 'pageinspect', trusted: false, superuser: true },
      ]),
    );
    await other.query(`rollback prepared 'open one'; `);
    await other.query(`alter subscription a_subscription set (slot_name = none)`);
    await other.query(`drop subscription a_subscription`);
    await other.query(`select pg_drop_replication_slot('a_slot')`);
    await other.end();
  });

  test('of a database that is not there says so; of one that lets nobody in fails', async () => {
    const address = addressOf(bench, 'nowhere', 'limited');
    const survey = await surveyDestination({ address, tools: bench.tools, signal });
    expect(survey).toMatchObject({
      exists: false,
      oid: null,
      sizeBytes: 0,
      mayCreateDatabases: false,
      role: 'limited',
    });
    await expect(
      surveyDestination({ address: { ...address, password: 'wrong' }, tools: bench.tools, signal }),
    ).rejects.toMatchObject({ code: 'DATABASE_AUTHENTICATION' });
  });

  test('weighs a dump: versions, extensions, roles', async () => {
    await makeDatabase(bench, 'source', {
      owner: 'super',
      sql: `create extension pageinspect; create extension citext; create table "a; TO b" (a int); alter table "a; TO b" owner to stranger;
        grant select on "a; TO b" to reader, keeper`,
    });
    const { file } = await dump(bench, 'source');
    const facts = await readArchiveFacts({ file, signal });
    expect(facts).toMatchObject({
      encoding: 'UTF8',
      collate: 'C',
      ctype: 'C',
      extensions: ['citext', 'pageinspect'],
      owners: ['stranger'],
      grantees: expect.arrayContaining(['keeper', 'reader']),
      tables: 1,
    });
    expect(facts.grantees).not.toContain('b');
    const survey = await surveyDestination({
      address: addressOf(bench, 'nowhere'),
      tools: bench.tools,
      signal,
      dump: facts,
    });
    expect(survey.blockers).toEqual([
      { code: 'EXTENSION_MISSING', message: expect.stringContaining('“pageinspect”') },
    ]);
    expect(survey.warnings).toEqual([
      { code: 'ROLE_LEFT_OUT', message: expect.stringContaining('“stranger”') },
    ]);
    const newer = {
      ...facts,
      extensions: ['unheard_of'],
      major: survey.major + 1,
      serverVersion: `${survey.major + 1}.1`,
    };
    expect(judgeArchive({ ...survey, isSuperuser: true }, newer).blockers.map(({ code }) => code)).toEqual([
      'DATABASE_VERSION',
      'EXTENSION_MISSING',
    ]);
  });
});

describe('what the programs say', () => {
  const address = {
    host: 'db',
    port: 5432,
    user: 'app',
    password: 'secret',
    database: 'shop',
    sslmode: 'prefer',
  } as const;

  test.each([
    ['ERROR:  could not extend file "base/1/2": No space left on device', 'DESTINATION_FULL'],
    ['ERROR:  could not write to file "pg_wal/x": No space left on device', 'DESTINATION_FULL'],
    [
      'error: connection to server at "db", port 5432 failed: FATAL:  password authentication failed for user "app"',
      'DATABASE_AUTHENTICATION',
    ],
    ['error: server closed the connection unexpectedly', 'DATABASE_UNREACHABLE'],
    [
      'error: could not execute query: ERROR:  permission denied for schema secret',
      'DATABASE_RESTORE_FAILED',
    ],
  ])('%j is %s', (line, code) => {
    const stderr = `pg_restore: launching item 1 TABLE DATA t\npg_restore: ${line}\npg_restore: finished item 2 TABLE x\n`;
    const problem = restoreProblem(address, 'pg_restore', stderr);
    expect(problem.code).toBe(code);
    expect(problem.message).not.toContain('item');
    expect(problem.message).not.toMatch(/\bsecret\b/);
  });
});

describe('names', () => {
  const id = '01234567-89ab-4def-8123-4567deadbeef';

  test.each(['shop', 'a'.repeat(63), 'ü'.repeat(31), '表☃😀'.repeat(6)])('of %j fit', (database) => {
    const staged = stagedNameOf(database, id, 'abcdef');
    const old = oldNameOf(database, id);
    for (const name of [staged, old]) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
      expect(name).not.toContain('\uFFFD');
      expect(Buffer.from(name).toString()).toBe(name);
    }
    expect(staged.startsWith(stagedPrefixOf(database, id))).toBe(true);
    expect(staged).toMatch(/_restore_deadbeef_abcdef$/);
    expect(old).toMatch(/_old_deadbeef$/);
  });
});
