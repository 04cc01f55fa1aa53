import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Api, type BackupSeen } from '../../support/api.js';
import { startHoldfast, type RunningHoldfast } from '../../support/holdfast.js';
import { killAndAwait, pidOf, postgresPrograms } from '../../support/processes.js';
import { tellJob } from '../../support/projects.js';
import { S3Server } from '../../support/s3Server.js';
import { readBack } from '../../support/sealedBackup.js';
import { StorageTree, type Explained } from '../../support/storageTree.js';
import { until } from '../../support/until.js';

const prefix = 'holdfast/test/';
let server: S3Server;
let bucket: string;
let holdfast: RunningHoldfast;
let api: Api;
let live: string;

beforeAll(async () => {
  server = await S3Server.start();
  bucket = await server.makeBucket();
  holdfast = await startHoldfast({
    S3_BUCKET: bucket,
    S3_PREFIX: prefix,
    S3_ENDPOINT: server.endpoint,
    S3_ACCESS_KEY_ID: server.keys.accessKeyId,
    S3_SECRET_ACCESS_KEY: server.keys.secretAccessKey,
    HOLDFAST_OUTAGE_SECONDS: '5',
    // Slow enough for every moment to be met.
    HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND: String(16 * 1024 * 1024),
  });
  const ready = await holdfast.ready();
  api = new Api(ready.graphql, ready.token);
  live = await api.environmentId('shop', 'live');
});

// Content that no earlier backup holds: what is known is copied in no time.
beforeEach(async () => {
  for (const name of ['one', 'two', 'three', 'four']) {
    await writeFile(path.join(holdfast.data, 'demo/live/media', name), randomBytes(24 * 1024 * 1024));
  }
});

afterAll(async () => {
  await holdfast?.stop();
  await server?.remove();
});

const backUp = () => api.createBackup(live, ['DATABASE', 'MEDIA']);

/** The backup as soon as it can be asked for. */
const look = (id: string) => until('the API answers', 60_000, () => api.backup(id).catch(() => null));

/** Waits until a good part of the media is on its way. */
async function inMedia(id: string): Promise<BackupSeen> {
  return until('the media are being copied', 120_000, async () => {
    const backup = await look(id);
    const { phase, doneBytes, totalBytes } = backup.progress;
    return phase === 'media' && totalBytes !== null && doneBytes > totalBytes / 2 ? backup : null;
  });
}

/** Looks at the bucket’s content as at a folder, by a copy of it. */
async function inBucket<Result>(see: (storage: StorageTree) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-bucket-'));
  try {
    await server.copyTo(bucket, folder);
    return await see(new StorageTree(path.join(folder, prefix)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything in the bucket must belong to a sealed backup, and be there; nothing may be unfinished. */
async function requireExplained(): Promise<void> {
  const explained = await inBucket<Explained>((storage) => storage.explain(live));
  expect(explained).toEqual({ unexplained: [], missing: [] });
  expect(await server.uploads(bucket)).toEqual([]);
}

/** Reads back every byte of a backup, without Holdfast’s help. */
async function requireWhole(backup: BackupSeen): Promise<void> {
  await inBucket(async (storage) => {
    const document = await storage.document(backup.id);
    if (!document) throw new Error(`Backup ${backup.id} is not sealed`);
    expect(document.parts.map(({ sha256 }) => sha256)).toEqual(backup.parts.map(({ sha256 }) => sha256));
    const { wrong, listed, files } = await readBack(storage, document, await postgresPrograms(holdfast));
    expect(wrong).toEqual([]);
    expect(listed).toBeGreaterThan(10);
    expect(files).toBe(backup.parts[1]?.itemCount);
  });
}

test('a backup lies whole in the bucket, and nowhere else', async () => {
  const backup = await api.untilBackup(await backUp(), ['SUCCEEDED']);
  await requireWhole(backup);
  await requireExplained();
  expect((await server.objects(bucket)).every((name) => name.startsWith(prefix))).toBe(true);
  expect(await readdir(path.join(holdfast.data, 'storage'))).toEqual([]);
});

test('a backup that is cancelled leaves nothing', async () => {
  const before = await server.objects(bucket);
  const id = await backUp();
  await inMedia(id);
  await until('an upload is under way', 30_000, async () => (await server.uploads(bucket)).length > 0);
  await tellJob(api, 'cancelJob', id);
  await until('it is cancelled', 60_000, async () => (await look(id)).status === 'CANCELED');
  expect(await server.objects(bucket)).toEqual(before);
  expect(await server.uploads(bucket)).toEqual([]);
});

test('a worker that is killed in the middle loses no backup and leaves nothing beside it', async () => {
  const id = await backUp();
  await inMedia(id);
  await killAndAwait(holdfast, 'worker');
  await requireWhole(await api.untilBackup(id, ['SUCCEEDED'], 180_000));
  await requireExplained();
});

describe('an S3 server that goes away', () => {
  test('in the middle of a backup fails it clearly; a retry succeeds once it is back', async () => {
    const id = await backUp();
    await inMedia(id);
    await server.kill();
    const failed = await api.untilBackup(id, ['FAILED'], 180_000);
    expect(failed.failure).toMatchObject({ code: 'STORAGE_UNREACHABLE', retryable: true });
    expect(failed.failure?.message).toMatch(/The backup storage could not be reached \(ECONNREFUSED\)/);
    await server.launch();
    await tellJob(api, 'retryJob', id);
    await requireWhole(await api.untilBackup(id, ['SUCCEEDED'], 180_000));
    await requireExplained();
  });

  test('is waited for by a worker that starts meanwhile, which says so; its backups fail clearly', async () => {
    await server.kill();
    const before = await pidOf(holdfast, 'worker');
    process.kill(before, 'SIGKILL');
    await until('the worker says what it waits for', 60_000, async () =>
      /the backup storage cannot be used/.test((await logs()).slice(-4_000)),
    );
    const failed = await api.untilBackup(await backUp(), ['FAILED'], 180_000);
    expect(failed.failure?.code).toBe('STORAGE_UNREACHABLE');
    expect(await pidOf(holdfast, 'worker')).toBe(before);
    await server.launch();
    await until('the worker is ready', 60_000, async () => (await pidOf(holdfast, 'worker')) !== before);
    await tellJob(api, 'retryJob', failed.id);
    await api.untilBackup(failed.id, ['SUCCEEDED'], 180_000);
    await requireExplained();
  });
});

test('no log knows the keys', async () => {
  const said = await logs();
  expect(said).toMatch(/the backup storage can be used/);
  expect(said).not.toContain(server.keys.secretAccessKey);
  expect(said).not.toMatch(/AWS4-HMAC|Signature=/);
});

/** What server and worker have logged, the worker’s words last. */
async function logs(): Promise<string> {
  const texts = ['server', 'worker'].map((name) =>
    readFile(path.join(holdfast.data, `logs/${name}.log`), 'utf8'),
  );
  return (await Promise.all(texts)).join('\n');
}
