import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { escapeIdentifier, type Client } from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { catalogue } from '#schema/catalogue';
import { Api } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { freePort } from '../support/holdfast.js';
import { runNative, startNative, untilReady, type NativeProcess } from '../support/native.js';
import { makeOwnCatalogue, type OwnCatalogue } from '../support/ownCatalogue.js';
import { newPerson } from '../support/people.js';
import { makeProject } from '../support/projects.js';
import { Restores } from '../support/restores.js';
import { sharedHoldfast } from '../support/shared.js';
import { Site, type Ground } from '../support/site.js';
import { asSuperuser } from '../support/superuser.js';
import { Temporal } from '../support/temporal.js';
import { until } from '../support/until.js';

// A worker is stopped (not killed) in the middle of its switch, another takes the step over, and the first goes on later.

let folder: string;
let shared: string;
let own: OwnCatalogue;
let source: DataSource;
let temporal: Temporal;
let server: NativeProcess;
let ground: Ground;
let restores: Restores;
let startWorker: () => Promise<NativeProcess>;
const workers: NativeProcess[] = [];
const both = ['DATABASE', 'MEDIA'];

beforeAll(async () => {
  const { data, ready } = await sharedHoldfast();
  shared = data;
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-stopped-'));
  const storage = path.join(folder, 'storage');
  const media = path.join(folder, 'media');
  await Promise.all([mkdir(storage), mkdir(media)]);
  own = await makeOwnCatalogue(data);
  const common = {
    DATABASE_URL: own.url(),
    TEMPORAL_NAMESPACE: own.name,
    TEMPORAL_ADDRESS: ready.temporalAddress,
    HOLDFAST_OUTAGE_SECONDS: '5',
    HOLDFAST_MEDIA_SETTLE_SECONDS: '2',
  };
  const secret = { HOLDFAST_SECRET_KEY: randomBytes(32).toString('base64') };
  const publicUrl = { HOLDFAST_PUBLIC_URL: 'http://backups.example.org' };
  await runNative(['node', 'dist/server/setup/prepare.js'], {
    ...common,
    ...publicUrl,
    HOLDFAST_ADMIN_EMAIL: 'admin@example.org',
  });
  const port = await freePort();
  server = startNative(['node', 'dist/server/main.js'], {
    ...common,
    ...secret,
    ...publicUrl,
    PORT: String(port),
  });
  await untilReady(server, port);
  startWorker = async () => {
    const health = await freePort();
    const worker = startNative(['node', 'dist/workflows/main.js'], {
      ...common,
      ...secret,
      HOLDFAST_STORAGE_DIR: storage,
      HEALTH_PORT: String(health),
    });
    workers.push(worker);
    await untilReady(worker, health);
    return worker;
  };
  source = await catalogue({
    databaseUrl: own.url(),
    applicationName: 'holdfast test',
    poolSize: 2,
  }).initialize();
  const { token } = await newPerson(source);
  const api = new Api(`http://127.0.0.1:${port}/graphql`, token);
  restores = new Restores(api);
  temporal = await Temporal.of({ ...ready, temporalNamespace: own.name });
  const projectId = await makeProject(api, 'stopped');
  ground = { api, databases: await Databases.of(data), projectId, folder: media };
});

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.kill('SIGKILL')));
});

afterAll(async () => {
  await server.kill('SIGKILL');
  await temporal.close();
  await source.destroy();
  await own.drop();
  await rm(folder, { recursive: true });
});

/** A restore whose worker is stopped between the two renames of the database’s switch, and another worker. */
async function stoppedInSwitch() {
  const first = await startWorker();
  const site = await Site.make(ground);
  const restored = await site.content();
  const sourceId = await site.backUp();
  await site.fill('second');
  const before = await site.content();
  const wish = { sourceId, destinationId: site.id, contents: both, safetyBackup: false };
  const id = await asSuperuser(shared, async (client) => {
    await client.query('BEGIN');
    await client.query(`COMMENT ON DATABASE ${escapeIdentifier(site.database.name)} IS 'held'`);
    const begun = await restores.begin(wish);
    await until('the rename waits', 60_000, () => isRenameWaiting(client));
    process.kill(first.pid, 'SIGSTOP');
    await client.query('ROLLBACK');
    return begun;
  });
  const second = await startWorker();
  return { site, id, restored, before, wish, first, second };
}

async function isRenameWaiting(client: Client): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT FROM pg_locks WHERE locktype = 'object' AND classid = 'pg_database'::regclass AND NOT granted`,
  );
  return rows.length > 0;
}

/** Sessions that hold the right to switch, or ask for it. */
async function switching(): Promise<number[]> {
  const rows = await source.query<Array<{ pid: number }>>(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'holdfast switch lock' AND datname = current_database() ORDER BY backend_start`,
  );
  return rows.map(({ pid }) => pid);
}

const untilTakenOver = () =>
  until('the other worker has taken the step over', 90_000, async () => (await switching()).length === 2);

async function requireSwitchedOnce(site: Site, id: string, content: unknown): Promise<void> {
  await restores.until(id, ['SUCCEEDED']);
  expect(await site.content()).toEqual(content);
  const { databases, folders } = await site.beside();
  expect(databases).toEqual([expect.stringContaining('_old_')]);
  expect(folders).toHaveLength(1);
}

test('a worker that goes on in time ends its switch, and the one that took over changes nothing', async () => {
  const { site, id, restored, first } = await stoppedInSwitch();
  await untilTakenOver();
  process.kill(first.pid, 'SIGCONT');
  await requireSwitchedOnce(site, id, restored);
});

test('a worker that is killed while it is stopped is taken over', async () => {
  const { site, id, restored, first } = await stoppedInSwitch();
  await untilTakenOver();
  await first.kill('SIGKILL');
  await requireSwitchedOnce(site, id, restored);
});

test('a worker that lost its right while it was stopped does nothing more when it goes on', async () => {
  const { site, id, restored, before, first } = await stoppedInSwitch();
  await untilTakenOver();
  const [oldest] = await switching();
  // As where its machine was cut off for longer than the catalogue waits.
  await source.query('SELECT pg_terminate_backend($1)', [oldest]);
  await requireSwitchedOnce(site, id, restored);
  const undo = await restores.undo(id);
  await restores.until(undo, ['SUCCEEDED']);
  process.kill(first.pid, 'SIGCONT');
  await until('it has given up', 60_000, async () => first.said().includes('could not take a switch back'));
  expect(await site.content()).toEqual(before);
  expect((await restores.look(id)).status).toBe('SUCCEEDED');
});

test('a restore that is terminated while its worker is stopped is settled once that goes on', async () => {
  const { site, id, before, first, wish } = await stoppedInSwitch();
  await temporal.terminate(`restore/${id}`);
  await restores.until(id, ['FAILED'], 90_000);
  await until('the housekeeping leaves it alone', 60_000, async () =>
    workers[1]?.said().includes('housekeeping could not end what a restore left'),
  );
  process.kill(first.pid, 'SIGCONT');
  await until('what it left is settled', 60_000, async () => {
    const [row] = await source.query<Array<{ cleaned: boolean }>>(
      'SELECT cleaned_at IS NOT NULL AND journal IS NULL AS cleaned FROM restores WHERE id = $1',
      [id],
    );
    return row?.cleaned;
  });
  expect(await site.content()).toEqual(before);
  expect(await site.beside()).toEqual({ databases: [], folders: [] });
  await restores.make(wish);
});
