import { truncate } from 'node:fs/promises';
import { Client } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { becameOf } from '../../../../workflows/engines/postgres/restore/inPlaceTransaction.js';
import {
  restoreInPlace,
  type InPlaceOrder,
} from '../../../../workflows/engines/postgres/restore/restoreInPlace.js';
import { processesLike } from '../postgresServer.js';
import {
  addressOf,
  ask,
  contentOf,
  dump,
  makeDatabase,
  stageOrder,
  useRestoreBench,
  type DumpOnDisk,
} from './databaseRestoreBench.js';

const bench = useRestoreBench();
const contents = `
  create extension hstore; create schema s; create schema "Größe";
  create table s.t as select i, md5(i::text) as x from generate_series(1, 100000) i; alter table s.t add primary key (i);
  create table kept (id int generated always as identity, name text not null, h hstore); insert into kept (name, h) values ('\\.', 'a=>b'), (E'a\\tb', null);
  create table "Größe"."tä'$b" (a int); insert into "Größe"."tä'$b" values (1), (2);
  create view seen as select count(*) as n from s.t; create materialized view counted as select n from seen;
  create function f() returns text language sql as $$ select 'COMMIT;
COMMIT;
' $$;
  create table guarded (a int); insert into guarded values (1); alter table guarded enable row level security; alter table guarded force row level security;
  select lo_from_bytea(4711, '\\x00ff5c');
  grant usage on schema s to reader; grant select on s.t to reader; create type feeling as enum ('good');
  comment on schema s is 'things';`;

/** As one who may not create databases. */
function inPlace(database: string, made: DumpOnDisk, more: Partial<InPlaceOrder> = {}): InPlaceOrder {
  const { stagedName: _staged, jobs: _jobs, ...order } = stageOrder(bench, database, made);
  return { ...order, address: addressOf(bench, database, 'limited'), ...more };
}

async function change(): Promise<void> {
  await ask(
    bench,
    'place',
    `drop table kept; delete from s.t where i > 5; create table newer (a int); create schema later; create table later.t (a int);
     create view s.later as select * from s.t; select lo_unlink(4711); select lo_from_bytea(4712, 'newer'); create function g() returns int language sql return 1;`,
    'limited',
  );
}

describe('a dump restored in place', () => {
  let original: { schema: string; data: string };
  beforeAll(async () => {
    await makeDatabase(bench, 'place', { owner: 'limited', sql: contents });
    original = contentOf(bench, 'place');
  });

  test('is the same in every definition and every byte, and nothing newer is left', async () => {
    const made = await dump(bench, 'place');
    await change();
    expect(contentOf(bench, 'place')).not.toEqual(original);
    const open = await bench.server.connect('place');
    await open.query('set role limited; begin; lock table s.t').catch(() => undefined);
    await open.end();
    const seen: number[] = [];
    const restored = await restoreInPlace(
      inPlace('place', made, { onProgress: ({ doneBytes }) => seen.push(doneBytes) }),
    );
    expect(restored).toEqual({
      tables: made.expected.length,
      rows: made.expected.reduce((sum, { rows }) => sum + rows, 0),
      warnings: [],
    });
    expect(contentOf(bench, 'place')).toEqual(original);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(await ask(bench, 'place', 'select count(*) from s.t', 'reader')).toBeDefined();
  });

  test('ends the sessions that are in its way', async () => {
    const made = await dump(bench, 'place');
    const holder = new Client(addressOf(bench, 'place', 'limited') as object);
    holder.on('error', () => undefined);
    await holder.connect();
    await holder.query('begin; lock table s.t');
    await restoreInPlace(inPlace('place', made));
    await expect(holder.query('select 1')).rejects.toThrow();
    expect(contentOf(bench, 'place')).toEqual(original);
  });

  test('leaves all as it was where the rows are others than recorded, or the dump is cut off', async () => {
    const made = await dump(bench, 'place');
    await ask(bench, 'place', 'delete from s.t where i > 90000', 'limited');
    const before = contentOf(bench, 'place');
    const wrong = made.expected.map((table) => (table.rows === 100_000 ? { ...table, rows: 99 } : table));
    await expect(restoreInPlace(inPlace('place', { ...made, expected: wrong }))).rejects.toMatchObject({
      code: 'DATABASE_RESTORE_FAILED',
      message: expect.stringMatching(/"s"\."t" has 100000 rows, and had 99/),
    });
    expect(contentOf(bench, 'place')).toEqual(before);
    await truncate(made.file, 400_000);
    await expect(restoreInPlace(inPlace('place', made))).rejects.toMatchObject({
      code: 'DATABASE_RESTORE_FAILED',
    });
    expect(contentOf(bench, 'place')).toEqual(before);
  });

  test('leaves all as it was where it is aborted', async () => {
    const made = await dump(bench, 'place');
    const before = contentOf(bench, 'place');
    const stopping = new AbortController();
    const order = inPlace('place', made, { signal: stopping.signal });
    const restoring = restoreInPlace(order);
    restoring.catch(() => undefined);
    const sessions = `select 1 from pg_stat_activity where application_name = '${order.applicationName}'`;
    const copying = `${sessions} and query like 'COPY %'`;
    await expect.poll(() => bench.server.query(copying), { interval: 5, timeout: 30_000 }).not.toEqual([]);
    const reason = new Error('cancelled');
    stopping.abort(reason);
    await expect(restoring).rejects.toBe(reason);
    await expect.poll(() => bench.server.query(sessions)).toEqual([]);
    expect(await processesLike(new RegExp(`^${bench.server.bin}/psql .*place`))).toEqual([]);
    expect(contentOf(bench, 'place')).toEqual(before);
  });

  test('tells its transaction before the commit, by which it is known again', async () => {
    const made = await dump(bench, 'place');
    const dumped = contentOf(bench, 'place');
    await ask(bench, 'place', 'create table newer (a int)', 'limited');
    const changed = contentOf(bench, 'place');
    const address = addressOf(bench, 'place', 'limited');
    const { signal } = new AbortController();
    let refused = '';
    const taken = new Error('taken over');
    const order = inPlace('place', made, {
      onCommitting: async (transaction) => {
        refused = transaction;
        throw taken;
      },
    });
    await expect(restoreInPlace(order)).rejects.toBe(taken);
    expect(await becameOf(address, refused, signal, { end: true })).toBe('aborted');
    expect(contentOf(bench, 'place')).toEqual(changed);
    let kept = '';
    const noting = inPlace('place', made, {
      onCommitting: async (transaction) => {
        kept = transaction;
        const asked = await bench.server.query(`select txid_status(${transaction}) as status`, 'place');
        expect(asked).toEqual([{ status: 'in progress' }]);
      },
    });
    await restoreInPlace(noting);
    expect(await becameOf(address, kept, signal)).toBe('committed');
    expect(contentOf(bench, 'place')).toEqual(dumped);
    expect(await becameOf(address, String(BigInt(kept) + 1_000_000n), signal)).toBe('unknown');
  });

  test('one whose session goes on without its worker is ended, and counts for nothing', async () => {
    const client = new Client(addressOf(bench, 'place', 'limited') as object);
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client
      .query<{ number: string }>('begin; select txid_current() as number')
      .then(
        (results) => (results as unknown as Array<{ rows: Array<{ number: string }> }>)[1] ?? { rows: [] },
      );
    const address = addressOf(bench, 'place', 'limited');
    const { signal } = new AbortController();
    expect(await becameOf(address, rows[0]?.number ?? '', signal, { end: true })).toBe('aborted');
    await expect(client.query('commit')).rejects.toThrow();
  });

  test('says which roles were left out', async () => {
    await bench.server.query('create role passing');
    await ask(bench, 'place', 'grant select on kept to passing', 'limited');
    const made = await dump(bench, 'place');
    await bench.server.query('drop owned by passing', 'place');
    await bench.server.query('drop role passing');
    const { warnings } = await restoreInPlace(inPlace('place', made));
    expect(warnings).toEqual([{ code: 'ROLE_LEFT_OUT', message: expect.stringContaining('“passing”') }]);
  });
});
