import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogue } from '#schema/catalogue';
import { freePort } from '../support/holdfast.js';
import { readiness, runNative, startNative, untilReady, type NativeProcess } from '../support/native.js';
import { makeOwnCatalogue, type OwnCatalogue } from '../support/ownCatalogue.js';
import { Relay } from '../support/relay.js';
import { sharedHoldfast } from '../support/shared.js';
import { until } from '../support/until.js';

/** How long it may take until what happened shows, in milliseconds: 3 s for an answer, and a loaded machine. */
const soon = 20_000;
let folder: string;
let own: OwnCatalogue;
let database: Relay;
let temporal: Relay;
const ports = { server: 0, worker: 0 };
const running: NativeProcess[] = [];

beforeAll(async () => {
  const { data, ready } = await sharedHoldfast();
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-readiness-'));
  await mkdir(path.join(folder, 'storage'));
  own = await makeOwnCatalogue(data);
  database = await Relay.to(own.port);
  temporal = await Relay.to(Number(ready.temporalAddress.split(':')[1]));
  ports.server = await freePort();
  ports.worker = await freePort();
  const common = {
    DATABASE_URL: own.url(database.port),
    TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
    TEMPORAL_NAMESPACE: own.name,
    HOLDFAST_PUBLIC_URL: `http://127.0.0.1:${ports.server}`,
  };
  await runNative(['node', 'dist/server/setup/prepare.js'], {
    ...common,
    HOLDFAST_ADMIN_EMAIL: 'admin@example.org',
  });
  const secret = { HOLDFAST_SECRET_KEY: randomBytes(32).toString('base64') };
  const server = startNative(['node', 'dist/server/main.js'], {
    ...common,
    ...secret,
    PORT: String(ports.server),
  });
  const worker = startNative(['node', 'dist/workflows/main.js'], {
    ...common,
    ...secret,
    HOLDFAST_STORAGE_DIR: path.join(folder, 'storage'),
    HEALTH_PORT: String(ports.worker),
  });
  running.push(server, worker);
  await untilReady(server, ports.server);
  await untilReady(worker, ports.worker);
});

afterAll(async () => {
  for (const each of running) await each.kill('SIGKILL');
  await Promise.all([database.stop(), temporal.stop()]);
  await own.drop();
  await rm(folder, { recursive: true });
});

/** Waits until these say that they wait for something of that name. */
async function wait(who: Array<keyof typeof ports>, word: string): Promise<void> {
  for (const name of who) {
    await until(`the ${name} waits for ${word}`, soon, async () => {
      const { status, body } = await readiness(ports[name]);
      return status === 503 && body.includes(word);
    });
    // Whatever it waits for, it lives.
    expect((await fetch(`http://127.0.0.1:${ports[name]}/healthz`)).status).toBe(200);
  }
}

async function recover(): Promise<void> {
  for (const [index, port] of [ports.server, ports.worker].entries()) {
    const process = running[index];
    if (process) await untilReady(process, port);
  }
}

const both = ['server', 'worker'] as const;

describe.each(['cut', 'silence'] as const)('where the network is hit by a %s', (fault) => {
  test('the catalogue is named, and work goes on when it is back', async () => {
    database[fault]();
    await wait([...both], 'the catalogue (DATABASE_URL)');
    await wait(['server'], 'the catalogue’s announcements');
    database.mend();
    await recover();
  });

  test('Temporal is named, and work goes on when it is back', async () => {
    temporal[fault]();
    await wait([...both], 'Temporal (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE)');
    temporal.mend();
    await recover();
  });
});

test('storage that is away is named by the worker alone', async () => {
  const [there, away] = [path.join(folder, 'storage'), path.join(folder, 'unmounted')];
  await rename(there, away);
  await wait(['worker'], 'storage');
  expect(await readiness(ports.server)).toEqual({ status: 200, body: 'ready' });
  await rename(away, there);
  await recover();
});

test('a catalogue of another form than the code is named, with the migration', async () => {
  const source = await catalogue({
    databaseUrl: own.url(),
    applicationName: 'holdfast test',
    poolSize: 1,
  }).initialize();
  try {
    const table = 'holdfast_migrations';
    await source.query(`INSERT INTO ${table} (timestamp, name) VALUES (9999999999999, 'FromTheFuture')`);
    await wait([...both], 'a newer Holdfast: the catalogue has FromTheFuture');
    await source.query(`DELETE FROM ${table} WHERE name = 'FromTheFuture'`);
    await recover();

    await source.query(`UPDATE ${table} SET name = 'x' || name WHERE name LIKE 'FirstLight%'`);
    await wait([...both], 'migrations of the catalogue that have not run: FirstLight');
    await source.query(`UPDATE ${table} SET name = substr(name, 2) WHERE name LIKE 'xFirstLight%'`);
    await recover();
  } finally {
    await source.destroy();
  }
});
