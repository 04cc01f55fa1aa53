import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import {
  databaseOid,
  dropDatabase,
  listDatabases,
} from '../../../../workflows/engines/postgres/restore/databases.js';
import { stageDatabase } from '../../../../workflows/engines/postgres/restore/stageDatabase.js';
import { switchBackDatabases } from '../../../../workflows/engines/postgres/restore/switchBackDatabases.js';
import {
  switchDatabases,
  type SwitchOrder,
} from '../../../../workflows/engines/postgres/restore/switchDatabases.js';
import { addressOf, ask, dump, makeDatabase, stageOrder, useRestoreBench } from './databaseRestoreBench.js';

const bench = useRestoreBench();
const { signal } = new AbortController();
const which = 'create table which as select';

/** A live database that says `live`, and a staged one that says `staged`. */
async function twoDatabases(name: string): Promise<SwitchOrder> {
  const address = addressOf(bench, name);
  await makeDatabase(bench, name, { sql: `${which} 'live' as w` });
  await makeDatabase(bench, `${name}_staged`, { sql: `${which} 'staged' as w` });
  const [liveOid, stagedOid] = [
    await databaseOid(address, name, signal),
    await databaseOid(address, `${name}_staged`, signal),
  ];
  if (stagedOid === null) throw new Error('Not staged');
  return { address, live: name, staged: `${name}_staged`, old: `${name}_old`, liveOid, stagedOid, signal };
}

const say = async (database: string) =>
  (await ask(bench, database, 'select w from which', 'super'))[0]?.['w'];

interface CuttingRelay {
  port: number;
  isCut: boolean;
  onCut: () => void;
  close: () => Promise<void>;
}

/** Passes on to a server until so many messages of clients have come: then breaks every connection, once. */
async function cutAt(port: number, message: number, when: 'before' | 'after'): Promise<CuttingRelay> {
  const sockets = new Set<Socket>();
  let seen = 0;
  const server = createServer((client) => {
    const upstream = createConnection({ host: '127.0.0.1', port });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    client
      .on('close', () => upstream.end())
      .on('data', (piece) => {
        seen += 1;
        if (seen !== message) return upstream.write(piece);
        relay.isCut = true;
        const cut = () => {
          for (const socket of sockets) socket.destroy();
          relay.onCut();
        };
        if (when === 'before') return cut();
        // The server takes it in, and its answer is lost.
        for (const socket of sockets) socket.removeAllListeners('data');
        upstream.once('data', cut).write(piece);
      });
    upstream.on('data', (piece) => client.write(piece)).on('close', () => client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const relay: CuttingRelay = {
    port: (server.address() as AddressInfo).port,
    isCut: false,
    onCut: () => undefined,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return relay;
}

describe('switching databases', () => {
  test('swaps the names, once, and back', async () => {
    const order = await twoDatabases('plain');
    expect(await switchDatabases(order)).toBe('switched');
    expect(await say('plain')).toBe('staged');
    expect(await say('plain_old')).toBe('live');
    expect(await switchDatabases(order)).toBe('already');
    expect(await switchBackDatabases(order)).toBe('switched');
    expect(await say('plain')).toBe('live');
    expect(await switchBackDatabases(order)).toBe('already');
    expect(await say('plain_staged')).toBe('staged');
  });

  test('leaves a read-only role its rights, also after switching back', async () => {
    await makeDatabase(bench, 'shop', {
      sql: `create schema s; create table s.t as select 1 as a; grant usage on schema s to reader; grant select on s.t to reader`,
    });
    const made = await dump(bench, 'shop');
    await ask(bench, 'shop', 'insert into s.t values (2)');
    const staged = await stageDatabase(stageOrder(bench, 'shop', made));
    const address = addressOf(bench, 'shop');
    const liveOid = await databaseOid(address, 'shop', signal);
    const order = {
      address,
      live: 'shop',
      staged: staged.name,
      old: 'shop_old',
      liveOid,
      stagedOid: staged.oid,
      signal,
    };
    const count = async () => {
      const client = await connectAsReader('shop');
      const { rows } = await client.query<{ n: number }>('select count(*)::int as n from s.t');
      await client.end();
      return rows[0]?.n;
    };
    await switchDatabases(order);
    expect(await count()).toBe(1);
    await switchBackDatabases(order);
    expect(await count()).toBe(2);
  });

  async function connectAsReader(database: string): Promise<Client> {
    const client = new Client(addressOf(bench, database, 'reader') as object);
    await client.connect();
    return client;
  }

  test('holds with clients that hammer it, each of which sees the old or the new', async () => {
    const order = await twoDatabases('busy');
    const seen = new Set<unknown>();
    const over = new AbortController();
    const clients = Array.from({ length: 6 }, async () => {
      while (!over.signal.aborted) {
        try {
          const client = await bench.server.connect('busy');
          for (let turn = 0; turn < 5 && !over.signal.aborted; turn += 1)
            seen.add((await client.query<{ w: string }>('select w from which')).rows[0]?.w);
          await client.end();
        } catch {
          // Its session was ended.
        }
      }
    });
    try {
      await expect.poll(() => seen.has('live')).toBe(true);
      // The sessions are a superuser's, so a superuser must end them.
      const asSuper = { ...order, address: addressOf(bench, 'busy', 'super') };
      expect(await switchDatabases(asSuper)).toBe('switched');
      await expect.poll(() => seen.has('staged')).toBe(true);
      expect(await switchBackDatabases(asSuper)).toBe('switched');
    } finally {
      over.abort();
      await Promise.all(clients);
    }
    expect(seen).toEqual(new Set(['live', 'staged']));
  });

  test.each(['before', 'after'] as const)(
    'that is cut off %s any message has happened or has not, and the next one goes on from there',
    async (when) => {
      const order = await twoDatabases(`cut_${when}`);
      for (let message = 1, isCut = true; isCut; message += 1) {
        const stopping = new AbortController();
        const relay = await cutAt(bench.server.address().port, message, when);
        const address = { ...order.address, port: relay.port };
        relay.onCut = () => message % 2 === 0 && stopping.abort(new Error('killed'));
        const outcome = await switchDatabases({ ...order, address, signal: stopping.signal }).catch(
          () => null,
        );
        isCut = relay.isCut;
        await relay.close();
        // A connection that broke is mended by itself; who was killed is asked again.
        if (outcome === null) expect(stopping.signal.aborted).toBe(true);
        expect([order.liveOid, order.stagedOid]).toContain(
          await databaseOid(order.address, order.live, signal),
        );
        const again = await switchDatabases(order);
        if (outcome !== null) expect(again).toBe('already');
        expect(await say(order.live)).toBe('staged');
        expect(await switchBackDatabases(order)).toBe('switched');
        expect(await say(order.live)).toBe('live');
        expect(message).toBeLessThan(100);
      }
    },
  );

  test('refuses where another database has come in between', async () => {
    const order = await twoDatabases('replaced');
    await bench.server.query('drop database replaced');
    await expect(switchDatabases(order)).rejects.toMatchObject({
      message: expect.stringContaining('has gone'),
    });
    await makeDatabase(bench, 'replaced', { sql: `${which} 'third' as w` });
    await expect(switchDatabases(order)).rejects.toMatchObject({
      code: 'DATABASE_RESTORE_FAILED',
      message: expect.stringContaining('come in between'),
    });
    expect(await say('replaced')).toBe('third');
    const other = await twoDatabases('taken');
    await makeDatabase(bench, 'taken_old');
    await expect(switchDatabases(other)).rejects.toMatchObject({
      message: expect.stringContaining('taken_old'),
    });
    expect(await say('taken')).toBe('live');
  });

  test('gives the name where there was none, and takes it back', async () => {
    const order = await twoDatabases('fresh');
    await bench.server.query('drop database fresh');
    const first = { ...order, liveOid: null };
    expect(await switchDatabases(first)).toBe('switched');
    expect(await switchDatabases(first)).toBe('already');
    expect(await say('fresh')).toBe('staged');
    expect(await switchBackDatabases(first)).toBe('switched');
    expect(await switchBackDatabases(first)).toBe('already');
    expect(await databaseOid(order.address, 'fresh', signal)).toBeNull();
  });

  test('names who may not be ended, and what is prepared', async () => {
    const order = await twoDatabases('held');
    const holder = await bench.server.connect('held');
    await expect(switchDatabases(order)).rejects.toMatchObject({
      code: 'DATABASE_LOCKED',
      message: expect.stringContaining('of “super”'),
    });
    await holder.query(`begin; create table later (a int); prepare transaction 'left behind'`);
    await holder.end();
    const asSuper = { ...order, address: addressOf(bench, 'held', 'super') };
    await expect(switchDatabases(asSuper)).rejects.toMatchObject({
      code: 'DATABASE_LOCKED',
      message: expect.stringContaining('“left behind”'),
    });
    expect(await say('held')).toBe('live');
    await bench.server.query(`rollback prepared 'left behind'`, 'held');
    expect(await switchDatabases(asSuper)).toBe('switched');
  });

  test('leftovers are found by their beginning, and only the right one is dropped', async () => {
    await makeDatabase(bench, 'left_restore_1');
    await makeDatabase(bench, 'left_restore_2');
    await makeDatabase(bench, 'leftXrestore_3');
    const address = addressOf(bench, 'left_restore_1');
    const found = await listDatabases(address, 'left_restore_', signal);
    expect(found.map(({ name }) => name)).toEqual(['left_restore_1', 'left_restore_2']);
    expect(await dropDatabase({ address, name: 'left_restore_1', oid: '1', signal })).toBe(false);
    const busy = await bench.server.connect('left_restore_1');
    await bench.server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'left_restore_1'`,
    );
    await busy.end().catch(() => undefined);
    expect(await dropDatabase({ address, name: 'left_restore_1', oid: found[0]?.oid ?? '', signal })).toBe(
      true,
    );
    expect(await dropDatabase({ address, name: 'left_restore_1', signal })).toBe(false);
  });
});
