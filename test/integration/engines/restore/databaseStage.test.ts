import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { stageDatabase } from '../../../../workflows/engines/postgres/restore/stageDatabase.js';
import { databaseZoo } from './databaseZoo.js';
import {
  addressOf,
  ask,
  contentOf,
  dump,
  expectNothingStaged,
  makeDatabase,
  stageOrder,
  useRestoreBench,
} from './databaseRestoreBench.js';

const bench = useRestoreBench();

describe('a dump restored beside the live database', () => {
  beforeAll(async () => {
    await makeDatabase(bench, 'zoo', { sql: databaseZoo });
    await makeDatabase(bench, 'simple', {
      sql: `create table t as select i, md5(i::text) as x from generate_series(1, 200000) i; create table u (a int);`,
    });
  });

  test('is the same in every definition and every byte, owners and grants too, and has statistics', async () => {
    const made = await dump(bench, 'zoo');
    const seen: Array<{ doneBytes: number; totalBytes: number; tablesDone: number; tables: number }> = [];
    const order = stageOrder(bench, 'zoo', made, { onProgress: (progress) => seen.push(progress) });
    const staged = await stageDatabase(order);
    expect(staged).toMatchObject({ name: order.stagedName, tables: made.expected.length, warnings: [] });
    expect(staged.rows).toBe(made.expected.reduce((sum, { rows }) => sum + rows, 0));
    const [before, after] = [contentOf(bench, 'zoo'), contentOf(bench, staged.name)];
    expect(after.schema).toBe(before.schema);
    expect(after.data).toBe(before.data);
    const [{ n }] = (await bench.server.query(
      `select count(*)::int as n from pg_stats where tablename = 'serials'`,
      staged.name,
    )) as [{ n: number }];
    expect(n).toBeGreaterThan(0);
    const { size } = await stat(made.file);
    expect(seen.every(({ totalBytes }) => totalBytes === size)).toBe(true);
    expect(seen.map(({ doneBytes }) => doneBytes)).toEqual(
      seen.map(({ doneBytes }) => doneBytes).sort((a, b) => a - b),
    );
    expect(seen.at(-1)).toMatchObject({ doneBytes: size, tablesDone: made.expected.length });
    expect(seen[0]?.doneBytes).toBeLessThan(size / 10);
  });

  test('keeps what belongs to the database itself', async () => {
    await bench.server.query(`
      alter database simple set search_path = "$user", shop, public; alter database simple set work_mem = '7MB';
      alter database simple set "app.setting" = 'it''s'; alter role app in database simple set statement_timeout = '5min';
      alter database simple connection limit 50; comment on database simple is 'the shop';
      revoke connect on database simple from public; grant connect on database simple to reader;
      grant create on database simple to keeper with grant option;`);
    const made = await dump(bench, 'simple');
    const staged = await stageDatabase(
      stageOrder(bench, 'simple', made, { address: addressOf(bench, 'simple', 'super') }),
    );
    const properties = (name: string) =>
      bench.server.query(`
        select pg_get_userbyid(datdba) as owner, datacl::text[] as acl, datconnlimit, shobj_description(d.oid, 'pg_database') as comment,
          pg_encoding_to_char(encoding), datcollate, datctype,
          (select array_agg((setrole::regrole, setconfig)::text order by setrole) from pg_db_role_setting where setdatabase = d.oid) as settings
        from pg_database d where datname = '${name}'`);
    const sorted = (rows: Array<Record<string, unknown>>) =>
      rows.map(({ acl, ...row }) => ({ ...row, acl: [...(acl as string[])].sort() }));
    expect(sorted(await properties(staged.name))).toEqual(sorted(await properties('simple')));
    expect(staged.warnings).toEqual([]);
  });

  test('tells what an ordinary role could not carry over, and goes on without', async () => {
    await bench.server.query(`alter role reader in database simple set work_mem = '9MB'`);
    const staged = await stageDatabase(stageOrder(bench, 'simple', await dump(bench, 'simple')));
    expect(staged.warnings).toEqual(
      ['work_mem of “reader”', 'app.setting'].map((what) => ({
        code: 'DATABASE_PROPERTY_LEFT_OUT',
        message: expect.stringContaining(what),
      })),
    );
    await bench.server.query(`alter role reader in database simple reset all`);
  });

  test('of another encoding and collation has them', async () => {
    await makeDatabase(bench, 'latin', {
      options: `template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'`,
      sql: `create table "Größe" (ä text); insert into "Größe" values ('Zürich'); grant select on "Größe" to reader`,
    });
    const made = await dump(bench, 'latin');
    const staged = await stageDatabase(stageOrder(bench, 'latin', made));
    expect(contentOf(bench, staged.name)).toEqual(contentOf(bench, 'latin'));
    expect(
      await bench.server.query(
        `select pg_encoding_to_char(encoding) as e from pg_database where datname = '${staged.name}'`,
      ),
    ).toEqual([{ e: 'LATIN1' }]);
    expect(await ask(bench, staged.name, 'select 1', 'super')).toBeDefined();
    const elsewhere = await stageDatabase(
      stageOrder(bench, 'latin_gone', made, { address: addressOf(bench, 'latin_gone') }),
    );
    expect(contentOf(bench, elsewhere.name)).toEqual(contentOf(bench, 'latin'));
  });

  test('leaves out roles that are not there or may not be set, and keeps the grants of the others', async () => {
    await bench.server.query(`create role leaver`);
    await makeDatabase(bench, 'mixed', {
      owner: 'super',
      sql: `create schema s; create table s.mine (a int); create table s.gone (a int); create table s.strange (a int);
        insert into s.gone values (1);
        alter table s.mine owner to app; alter table s.gone owner to leaver; alter table s.strange owner to stranger;
        grant usage on schema s to reader, leaver; grant select on all tables in schema s to reader, leaver, stranger;
        create function touched() returns event_trigger language plpgsql as $$ begin end $$;
        create event trigger on_touch on ddl_command_end execute function touched();
        create publication everything for all tables;`,
    });
    const made = await dump(bench, 'mixed');
    await bench.server.query('drop database mixed');
    await bench.server.query('drop role leaver');
    const staged = await stageDatabase(stageOrder(bench, 'mixed', made));
    const left = staged.warnings.map(({ message }) => message).join('\n');
    expect(left).toContain('“leaver” does not exist');
    expect(left).toContain('“stranger” may not be set');
    expect(left).toContain('event trigger “on_touch”');
    expect(left).toContain('publication “everything”');
    expect(await ask(bench, staged.name, 'select a from s.gone', 'reader')).toBeDefined();
    expect(
      await bench.server.query(
        `select relname as t, pg_get_userbyid(relowner) as o from pg_class where relnamespace = 's'::regnamespace order by 1`,
        staged.name,
      ),
    ).toEqual([
      { t: 'gone', o: 'app' },
      { t: 'mine', o: 'app' },
      { t: 'strange', o: 'app' },
    ]);
  });

  test('with other rows than recorded is refused, and nothing is left', async () => {
    const made = await dump(bench, 'simple');
    const wrong = made.expected.map((table) =>
      table.table.includes('"t"') ? { ...table, rows: 199_999 } : table,
    );
    const order = stageOrder(bench, 'simple', { ...made, expected: wrong });
    await expect(stageDatabase(order)).rejects.toMatchObject({
      code: 'DATABASE_RESTORE_FAILED',
      message: expect.stringMatching(/"t" has 200000 rows .* had 199999/),
    });
    await expectNothingStaged(bench, order);
    const more = [...made.expected, { table: '"public"."elsewhere"', rows: 1, sha256: null }];
    await expect(stageDatabase({ ...order, expected: more })).rejects.toMatchObject({
      message: expect.stringContaining('elsewhere'),
    });
  });

  test('that is cut off anywhere is refused, and nothing is left', async () => {
    const made = await dump(bench, 'simple');
    const { length } = await readFile(made.file);
    for (const size of [length - 1, length - 5, Math.floor(length / 2), 2000, 3]) {
      await truncate(made.file, size);
      const order = stageOrder(bench, 'simple', made);
      await expect(stageDatabase(order)).rejects.toMatchObject({ code: 'DATABASE_RESTORE_FAILED' });
      await expectNothingStaged(bench, order);
    }
  });

  test('leaves nothing when it is aborted on the way', async () => {
    const made = await dump(bench, 'simple');
    const stopping = new AbortController();
    const order = stageOrder(bench, 'simple', made, { signal: stopping.signal });
    const staging = stageDatabase(order);
    staging.catch(() => undefined);
    const working = () =>
      bench.server.query(
        `select 1 from pg_stat_activity where datname = '${order.stagedName}' and application_name = '${order.applicationName}'`,
      );
    await expect.poll(working, { interval: 20, timeout: 30_000 }).not.toEqual([]);
    const reason = new Error('cancelled');
    stopping.abort(reason);
    await expect(staging).rejects.toBe(reason);
    await expectNothingStaged(bench, order);
  });

  test('needs the extensions to be there, a server that is new enough, and a role that may', async () => {
    const made = await dump(bench, 'simple');
    const bytes = await readFile(made.file);
    // The version of the server that was dumped, as the archive’s head says.
    const at = bytes.indexOf(bench.tools.found[0]?.version ?? '');
    bytes.write('99', at, 'latin1');
    await writeFile(made.file, bytes);
    const order = stageOrder(bench, 'simple', made);
    await expect(stageDatabase(order)).rejects.toMatchObject({ code: 'DATABASE_VERSION' });
    const wrong = { ...order.address, password: 'wrong' };
    await expect(stageDatabase({ ...order, address: wrong })).rejects.toMatchObject({
      code: 'DATABASE_AUTHENTICATION',
    });
    await makeDatabase(bench, 'extended', { owner: 'super', sql: 'create extension pageinspect' });
    const extended = stageOrder(bench, 'extended', await dump(bench, 'extended'));
    await expect(stageDatabase(extended)).rejects.toMatchObject({
      code: 'DATABASE_RESTORE_FAILED',
      message: expect.stringContaining('pageinspect'),
    });
    await expectNothingStaged(bench, extended);
    const limited = {
      ...stageOrder(bench, 'extended', made),
      address: addressOf(bench, 'extended', 'limited'),
    };
    await expect(
      stageDatabase({ ...limited, file: (await dump(bench, 'simple')).file }),
    ).rejects.toMatchObject({
      code: 'DATABASE_PERMISSION',
    });
  });
});
