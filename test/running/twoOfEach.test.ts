import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogue } from '#schema/catalogue';
import { Api, type BackupSeen } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { freePort } from '../support/holdfast.js';
import { runNative, startNative, untilReady, type NativeProcess } from '../support/native.js';
import { makeOwnCatalogue, type OwnCatalogue } from '../support/ownCatalogue.js';
import { newPerson } from '../support/people.js';
import { dumpsOf } from '../support/processes.js';
import { makeEnvironment, makeProject, tellJob, watchProject } from '../support/projects.js';
import { Relay } from '../support/relay.js';
import { sharedHoldfast } from '../support/shared.js';
import { StorageTree } from '../support/storageTree.js';
import { Temporal } from '../support/temporal.js';
import { until } from '../support/until.js';

// Two API servers and two workers on one catalogue, one Temporal namespace and one storage.

/** A process, and how it is started again. */
interface Part {
  process: NativeProcess;
  port: number;
  start: () => NativeProcess;
}

const megabytes = 24;
const bytesPerSecond = 4_000_000;
let folder: string;
let own: OwnCatalogue;
let source: DataSource;
let storage: StorageTree;
let temporal: Temporal;
/** Between the servers and Temporal; the workers have a way of their own. */
let relay: Relay;
const servers: Part[] = [];
const workers: Part[] = [];
let a: Api;
let b: Api;
let project: string;
let url: string;

beforeAll(async () => {
  const { data, ready } = await sharedHoldfast();
  const databases = await Databases.of(data);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-two-'));
  storage = new StorageTree(path.join(folder, 'storage'));
  await mkdir(storage.root);
  own = await makeOwnCatalogue(data);
  relay = await Relay.to(Number(ready.temporalAddress.split(':')[1]));
  const common = { DATABASE_URL: own.url(), TEMPORAL_NAMESPACE: own.name };
  const secret = { HOLDFAST_SECRET_KEY: randomBytes(32).toString('base64') };
  const publicUrl = { HOLDFAST_PUBLIC_URL: 'http://backups.example.org' };
  const prepare = () =>
    runNative(['node', 'dist/server/setup/prepare.js'], {
      ...common,
      ...publicUrl,
      TEMPORAL_ADDRESS: ready.temporalAddress,
      HOLDFAST_ADMIN_EMAIL: 'admin@example.org',
    });
  await Promise.all([prepare(), prepare()]);

  const start = async (
    parts: Part[],
    script: string,
    environment: (port: number) => Record<string, string>,
  ) => {
    const port = await freePort();
    const again = () => startNative(['node', script], { ...common, ...secret, ...environment(port) });
    parts.push({ port, start: again, process: again() });
  };
  for (const _ of 'ab') {
    await start(servers, 'dist/server/main.js', (port) => ({
      ...publicUrl,
      TEMPORAL_ADDRESS: `127.0.0.1:${relay.port}`,
      PORT: String(port),
    }));
    await start(workers, 'dist/workflows/main.js', (port) => ({
      TEMPORAL_ADDRESS: ready.temporalAddress,
      HOLDFAST_STORAGE_DIR: storage.root,
      HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND: String(bytesPerSecond),
      HOLDFAST_WORKER_STEPS: '1',
      HEALTH_PORT: String(port),
    }));
  }
  for (const { process, port } of [...servers, ...workers]) await untilReady(process, port);

  source = await catalogue({
    databaseUrl: own.url(),
    applicationName: 'holdfast test',
    poolSize: 2,
  }).initialize();
  const { token } = await newPerson(source);
  const [first, second] = servers.map(({ port }) => new Api(`http://127.0.0.1:${port}/graphql`, token));
  if (!first || !second) throw new Error('There are not two servers');
  [a, b] = [first, second];
  temporal = await Temporal.of({ ...ready, temporalNamespace: own.name });
  project = await makeProject(a, 'two');
  ({ url } = await databases.make(`two_${randomUUID().slice(0, 8)}`, megabytes));
});

afterAll(async () => {
  for (const { process } of [...servers, ...workers]) await process.kill('SIGKILL');
  await relay.stop();
  await temporal.close();
  await source.destroy();
  await own.drop();
  await rm(folder, { recursive: true });
});

test('two that prepare at once make one administrator', async () => {
  expect(await source.query('SELECT email FROM users WHERE is_support')).toEqual([
    { email: 'admin@example.org' },
  ]);
});

test('a backup that is asked for through one server is live on the other, whichever worker makes it', async () => {
  const asked = await Promise.all(
    ['live', 'next'].map(async (slug) => {
      const environment = await makeEnvironment(a, project, slug, { databaseUrl: url });
      return b.createBackup(environment, ['DATABASE']);
    }),
  );
  const following = asked.map((id) => a.follow(id));
  await until('each worker dumps one of them', 60_000, async () => {
    const dumps = await Promise.all(workers.map(({ process }) => dumpsOf(process.pid)));
    return dumps.every((each) => each.some(({ name }) => name === 'pg_dump'));
  });
  for (const pushed of await Promise.all(following)) requireLive(pushed);
});

test('an idempotency key holds across both servers', async () => {
  const environmentId = await a.environmentId(await slugOf(project), 'live');
  const ask = async (api: Api, note: string) => {
    const payload = await api.ask<{ backup: { id: string } | null; userErrors: Array<{ code: string }> }>(
      'createBackup',
      `mutation($input: CreateBackupInput!) { createBackup(input: $input) { backup { id } userErrors { code } } }`,
      { input: { environmentId, contents: ['DATABASE'], note, idempotencyKey: 'one-for-both' } },
    );
    return payload.backup?.id ?? payload.userErrors[0]?.code;
  };
  const answers = await Promise.all([a, b, a, b, a, b].map((api) => ask(api, 'once')));
  expect(new Set(answers).size).toBe(1);
  const [id = ''] = answers;
  expect(await ask(a, 'another')).toBe(await ask(b, 'another'));
  expect(await ask(b, 'another')).not.toBe(id);
  await b.untilBackup(id, ['SUCCEEDED']);
  await requireRuns(id, 1);
});

test('the reconcilers of both servers start and retry a job once', async () => {
  const missing = path.join(folder, 'media');
  const environment = await makeEnvironment(a, project, 'media', { media: { directory: missing } });
  relay.cut();
  const id = await a.createBackup(environment, ['MEDIA']);
  expect((await b.backup(id)).status).toBe('QUEUED');
  relay.mend();
  await b.untilBackup(id, ['FAILED']);
  await requireRuns(id, 1);

  await mkdir(missing);
  relay.cut();
  expect(await tellJob(b, 'retryJob', id)).toBe('RUNNING');
  relay.mend();
  await a.untilBackup(id, ['SUCCEEDED']);
  await requireRuns(id, 2);
});

test('a workflow that is terminated ends its job once, and both servers tell so', async () => {
  const environment = await makeEnvironment(a, project, 'ended', { databaseUrl: url });
  const watching = [a, b].map((api) => watchProject(api, project));
  const id = await a.createBackup(environment, ['DATABASE']);
  await until('it is under way', 60_000, async () => (await b.backup(id)).progress.doneBytes > 0);
  await temporal.terminate(id);
  const failed = await b.untilBackup(id, ['FAILED']);
  expect(failed.failure?.code).toBe('INTERNAL');
  await until('both have told', 10_000, async () =>
    watching.every(({ events }) => endsOf(events, id).length > 0),
  );
  for (const { events, stop } of watching) {
    await stop();
    expect(endsOf(events, id)).toHaveLength(1);
  }
  // What the terminated run had begun to store goes with a retry.
  await tellJob(a, 'retryJob', id);
  await a.untilBackup(id, ['SUCCEEDED']);
  expect(await storage.explain(environment)).toEqual({ unexplained: [], missing: [] });
});

test('a worker and a server that are killed in mid-backup lose nothing', async () => {
  const environment = await makeEnvironment(a, project, 'killed', { databaseUrl: url });
  const id = await b.createBackup(environment, ['DATABASE']);
  const following = a.follow(id);
  const victim = await until('one worker is in the middle of the dump', 60_000, async () => {
    const { progress } = await a.backup(id);
    if (progress.doneBytes === 0 || progress.phase !== 'database') return null;
    for (const worker of workers) if ((await dumpsOf(worker.process.pid)).length > 0) return worker;
    return null;
  });
  const server = servers[1];
  if (!server) throw new Error('There is no second server');
  await Promise.all([victim.process.kill('SIGKILL'), server.process.kill('SIGKILL')]);

  const pushed = await following;
  requireLive(pushed);
  expect(pushed.at(-1)?.progress.attempt).toBeGreaterThan(1);
  await requireRuns(id, 1);
  expect(await storage.explain(environment)).toEqual({ unexplained: [], missing: [] });
  expect((await storage.document(id))?.parts.map(({ sha256 }) => sha256)).toEqual(
    pushed.at(-1)?.parts.map(({ sha256 }) => sha256),
  );

  for (const part of [victim, server]) {
    part.process = part.start();
    await untilReady(part.process, part.port);
  }
  expect((await b.backup(id)).status).toBe('SUCCEEDED');
});

/** What was pushed is the story of a backup that goes well: forward only, and to its end. */
function requireLive(pushed: BackupSeen[]): void {
  const sequences = pushed.map(({ progress }) => progress.sequence);
  expect(sequences).toEqual([...sequences].sort((one, other) => one - other));
  expect(pushed.filter(({ status }) => status === 'RUNNING').length).toBeGreaterThan(2);
  expect(pushed.at(-1)?.status).toBe('SUCCEEDED');
}

/** Temporal’s list of runs may be a moment late, but never forgets one. */
async function requireRuns(id: string, runs: number): Promise<void> {
  await until(`Temporal lists ${runs} runs`, 20_000, async () => (await temporal.countRuns(id)) >= runs);
  expect(await temporal.countRuns(id)).toBe(runs);
}

function endsOf(events: Array<{ kind: string; job: { id: string } | null }>, id: string): unknown[] {
  return events.filter(({ kind, job }) => kind === 'JOB_ENDED' && job?.id === id);
}

async function slugOf(id: string): Promise<string> {
  const { slug } = await a.ask<{ slug: string }>(
    'node',
    'query($id: ID!) { node(id: $id) { ... on Project { slug } } }',
    { id },
  );
  return slug;
}
