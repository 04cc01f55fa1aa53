import { describe, expect, test } from 'vitest';
import { dumpDatabase } from '../../../workflows/engines/postgres/dump.js';
import type { Storage } from '../../../workflows/engines/storage/storage.js';
import { Relay } from '../../support/relay.js';
import { until } from '../../support/until.js';
import { expectNothingLeft, order, pidOf, slowDump, tableList, useDumpBench } from './dumpBench.js';

// A dump locks each table: servers with so many have to be told.
const bench = useDumpBench(['max_locks_per_transaction=256']);

describe('a dump', () => {
  test('of 10,000 tables in 100 schemas, and of extensions', async () => {
    await bench.server.query('create database many');
    await bench.server.query(
      `do $$ begin
         for s in 1..100 loop
           execute format('create schema tenant_%s', s);
           for t in 1..100 loop
             execute format('create table tenant_%s.t%s as select %s as a', s, t, t);
           end loop;
           commit;
         end loop;
         if exists (select from pg_available_extensions where name = 'hstore') then create extension hstore; end if;
       end $$`,
      'many',
    );
    const dumped = await dumpDatabase(order(bench, 'many'));
    expect(dumped.tables).toBe(10_000);
    const tables = await tableList(bench);
    expect(tables.size).toBe(10_000);
    expect(tables.get('"tenant_100"."t100"')?.rows).toBe(1);
    expect(new Set([...tables.values()].map(({ sha256 }) => sha256)).size).toBe(100);
  });

  test('of a table of 100 columns of nulls', async () => {
    await bench.server.query('create database nulls');
    const columns = Array.from({ length: 100 }, (_, index) => `c${index} text`).join(', ');
    await bench.server.query(
      `create table nothing (${columns}); insert into nothing select from generate_series(1, 50000)`,
      'nulls',
    );
    await dumpDatabase(order(bench, 'nulls'));
    expect((await tableList(bench)).get('"public"."nothing"')?.rows).toBe(50_000);
  });

  test('of a text value of 900 MB works, of a bytea of 600 MB names the table', async () => {
    await bench.server.query('create database giants');
    // Stored as it is: to compress it would take longer than all else.
    await bench.server.query(
      `create unlogged table texts (a text); alter table texts alter a set storage external;
       insert into texts values (repeat('x', 900 * 1024 * 1024))`,
      'giants',
    );
    await dumpDatabase(order(bench, 'giants'));
    expect((await tableList(bench)).get('"public"."texts"')?.rows).toBe(1);
    await bench.server.query(
      `drop table texts; create unlogged table bytes (a bytea); alter table bytes alter a set storage external;
       insert into bytes values (repeat('x', 600 * 1024 * 1024)::bytea)`,
      'giants',
    );
    await expect(dumpDatabase(order(bench, 'giants'))).rejects.toMatchObject({
      code: 'DATABASE_DUMP_FAILED',
      message: expect.stringMatching(/bytes.*invalid memory alloc request size/),
    });
    await bench.server.query('drop database giants');
  });

  test('heeds no limits that the role or the database sets', async () => {
    await bench.server.query(`
      create role hurried login password 'x' in role pg_read_all_data;
      alter role hurried set statement_timeout = '5ms';
      alter role hurried set lock_timeout = '5ms';
      alter role hurried set idle_in_transaction_session_timeout = '5ms';
      alter database wide set statement_timeout = '5ms'`);
    const address = { ...bench.server.address('wide'), user: 'hurried', password: 'x' };
    await dumpDatabase(order(bench, 'wide', { address }));
    expect((await tableList(bench)).get('"public"."big"')?.rows).toBe(120_000);
    await bench.server.query('alter database wide reset all');
  });

  test('of a server in recovery', async () => {
    const address = { ...(await bench.server.startStandby()), database: 'odd' };
    await dumpDatabase(order(bench, 'odd', { address }));
    const there = await tableList(bench);
    await dumpDatabase(order(bench, 'odd', { keys: { dump: 'own', tableList: 'own.tables' } }));
    const here = await tableList(bench, 'own.tables');
    // What is unlogged does not reach a standby.
    here.delete('"public"."fleeting"');
    expect(there).toEqual(here);
  });

  test('whose connection drops leaves nothing, and says what is away', async () => {
    const relay = await Relay.to(bench.server.address().port);
    const address = { ...bench.server.address('wide'), port: relay.port };
    const { slow, dumping } = slowDump(bench, { address });
    await pidOf('pg_dump');
    await untilStored(slow.storage);
    relay.cut();
    await expect(dumping).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    await expectNothingLeft(bench, slow);
    await relay.stop();
  });

  test('whose network swallows everything stands still, and leaves nothing', async () => {
    const relay = await Relay.to(bench.server.address().port);
    const address = { ...bench.server.address('wide'), port: relay.port };
    const { slow, dumping } = slowDump(bench, { address, stallMs: 2_000 });
    await pidOf('pg_dump');
    await untilStored(slow.storage);
    relay.silence();
    await expect(dumping).rejects.toMatchObject({ code: 'STALLED' });
    await relay.stop();
    await expectNothingLeft(bench, slow);
  });

  test('whose server is restarted leaves nothing, and says what is away', async () => {
    const { slow, dumping } = slowDump(bench);
    await pidOf('pg_dump');
    await untilStored(slow.storage);
    await bench.server.restart();
    await expect(dumping).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    await expectNothingLeft(bench, slow);
  });
});

async function untilStored(storage: Storage): Promise<void> {
  await until('bytes are stored', 30_000, async () => {
    for await (const { size } of storage.list('')) if (size > 0) return true;
    return false;
  });
}
