import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Api } from '../../support/api.js';
import { Databases, type ProjectDatabase } from '../../support/databases.js';
import { startHoldfast, type RunningHoldfast } from '../../support/holdfast.js';
import { killAndAwait } from '../../support/processes.js';
import { makeEnvironment, makeProject, moveEnvironment, tellJob } from '../../support/projects.js';
import { Restores } from '../../support/restores.js';
import { startS3Proxy, type S3Proxy } from '../../support/s3Proxy.js';
import { S3Server } from '../../support/s3Server.js';
import { Site, type Ground } from '../../support/site.js';
import { until } from '../../support/until.js';

const both = ['DATABASE', 'MEDIA'];
const rights = ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject'];

let server: S3Server;
let holdfast: RunningHoldfast;
let api: Api;
let databases: Databases;
let restores: Restores;
let project: string;
let folder: string;
const proxies: S3Proxy[] = [];

beforeAll(async () => {
  server = await S3Server.start();
  holdfast = await startHoldfast({
    HOLDFAST_DEMO: '0',
    S3_BUCKET: await server.makeBucket(),
    S3_ENDPOINT: server.endpoint,
    S3_ACCESS_KEY_ID: server.keys.accessKeyId,
    S3_SECRET_ACCESS_KEY: server.keys.secretAccessKey,
  });
  const ready = await holdfast.ready();
  api = new Api(ready.graphql, ready.token);
  restores = new Restores(api);
  databases = await Databases.of(holdfast.data);
  project = await makeProject(api, 'restore-bucket');
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
});

afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.stop();
});

afterAll(async () => {
  await holdfast?.stop();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

let made = 0;

/** An environment with a database, and media in a bucket of its own. */
class BucketSite {
  private constructor(
    readonly id: string,
    readonly database: ProjectDatabase,
    readonly bucket: string,
  ) {}

  static async make(allowed = rights): Promise<BucketSite> {
    made += 1;
    const name = `bucket_${process.pid}_${made}`;
    const database = await databases.make(name, 1, 'CREATEDB');
    const bucket = await server.makeBucket();
    const keys = await server.makeUser(bucket, allowed);
    const s3 = { bucket, prefix: 'uploads', endpoint: server.endpoint, ...keys };
    const id = await makeEnvironment(api, project, `bucket-${made}`, {
      databaseUrl: database.url,
      media: { s3 },
    });
    const site = new BucketSite(id, database, bucket);
    await site.put('kept.txt', Buffer.from('kept'));
    await site.put('large.bin', randomBytes(9_000_000));
    await site.fill(`first of ${name}`);
    return site;
  }

  async put(key: string, Body: Buffer): Promise<void> {
    await server.client.send(new PutObjectCommand({ Bucket: this.bucket, Key: `uploads/${key}`, Body }));
  }

  /** New content in both. */
  async fill(what: string): Promise<void> {
    await databases.ask(this.database, 'INSERT INTO notes SELECT max(id) + 1, $1 FROM notes', [what]);
    const earlier = (await this.files()).live.filter((file) => file.startsWith('sub/'));
    for (const file of earlier) {
      const Key = `uploads/${file.split(' ')[0]}`;
      await server.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key }));
    }
    await this.put('what.txt', Buffer.from(what));
    for (let number = 0; number < 20; number += 1) {
      const name = createHash('md5').update(`${what}${number}`).digest('hex');
      await this.put(`sub/${name}.bin`, randomBytes(10_000));
    }
  }

  async files(): Promise<{ live: string[]; own: string[] }> {
    const names = (await server.objects(this.bucket)).map((name) => name.replace(/^uploads\//, ''));
    const own = names.filter((name) => name.startsWith('.holdfast-'));
    const live = names.filter((name) => !name.startsWith('.holdfast-'));
    const hashed = live.map(async (name) => {
      const order = new GetObjectCommand({ Bucket: this.bucket, Key: `uploads/${name}` });
      const bytes = await (await server.client.send(order)).Body?.transformToByteArray();
      return `${name} ${createHash('md5')
        .update(bytes ?? '')
        .digest('hex')}`;
    });
    return { live: await Promise.all(hashed), own };
  }

  /** Everything it holds, as one value. */
  async content(): Promise<{ rows: string; files: string[] }> {
    const [row] = await databases.ask<{ rows: string }>(
      this.database,
      `SELECT md5(string_agg(notes::text, '|' ORDER BY id)) AS rows FROM notes`,
    );
    return { rows: row?.rows ?? '', files: (await this.files()).live };
  }

  async backUp(): Promise<string> {
    return (await api.untilBackup(await api.createBackup(this.id, both), ['SUCCEEDED'])).id;
  }
}

test('a bucket and a database come back from storage in S3, are undone and redone', async () => {
  const site = await BucketSite.make();
  const first = await site.content();
  const source = await site.backUp();
  await site.fill('second');
  const second = await site.content();
  const wish = { sourceId: source, destinationId: site.id, contents: both };
  const plan = await restores.plan(wish);
  expect(plan.blockers).toEqual([]);
  expect(plan.warnings.find(({ code }) => code === 'MEDIA_IN_BUCKET')?.message).toContain('/uploads/');
  const restored = await restores.make(wish);
  expect(await site.content()).toEqual(first);
  expect(restored).toMatchObject({ canUndo: true, warnings: [] });
  expect(restored.safetyBackup).toMatchObject({ status: 'SUCCEEDED', kind: 'SAFETY' });
  const { own } = await site.files();
  expect(own.length).toBeGreaterThan(20);
  expect(own.filter((name) => !name.startsWith('.holdfast-old-'))).toEqual([]);
  // What is kept is no part of a backup.
  const again = await api.untilBackup(await api.createBackup(site.id, ['MEDIA']), ['SUCCEEDED']);
  expect(again.parts[0]?.itemCount).toBe(first.files.length);
  const undone = await restores.until(await restores.undo(restored.id), ['SUCCEEDED']);
  expect(await site.content()).toEqual(second);
  await restores.until(await restores.undo(undone.id), ['SUCCEEDED']);
  expect(await site.content()).toEqual(first);
});

test('a folder comes back from storage in S3, and a bucket’s media into a folder', async () => {
  const ground: Ground = { api, databases, projectId: project, folder };
  const site = await Site.make(ground);
  const first = await site.content();
  const source = await site.backUp();
  await site.fill('second');
  const wish = { destinationId: site.id, contents: both };
  await restores.make({ ...wish, sourceId: source });
  expect(await site.content()).toEqual(first);
  const bucket = await BucketSite.make();
  await restores.make({ ...wish, sourceId: await bucket.backUp() });
  expect(await site.content()).toEqual(await bucket.content());
  // And the other way round.
  await restores.make({ sourceId: source, destinationId: bucket.id, contents: both });
  expect(await bucket.content()).toEqual(first);
});

test('keys that may only read fail before anything is touched, and the retry with others succeeds', async () => {
  const site = await BucketSite.make(['s3:ListBucket', 's3:GetObject']);
  const first = await site.content();
  const source = await site.backUp();
  await site.fill('second');
  const second = await site.content();
  const id = await restores.begin({ sourceId: source, destinationId: site.id, contents: both });
  const failed = await restores.until(id, ['FAILED']);
  expect(failed.failure).toMatchObject({ code: 'MEDIA_RESTORE_FAILED', retryable: true });
  expect(failed.failure?.message).toMatch(/Give the owner of the keys the right s3:PutObject, then retry/);
  expect(await site.content()).toEqual(second);
  expect((await site.files()).own).toEqual([]);
  const keys = await server.makeUser(site.bucket, rights);
  const s3 = { bucket: site.bucket, prefix: 'uploads', endpoint: server.endpoint, ...keys };
  await moveEnvironment(api, site.id, { media: { s3 } });
  await tellJob(api, 'retryJob', id);
  await restores.until(id, ['SUCCEEDED']);
  expect(await site.content()).toEqual(first);
});

test('a bucket without keys is refused by the plan', async () => {
  const site = await BucketSite.make();
  const source = await site.backUp();
  const s3 = { bucket: site.bucket, prefix: 'uploads', endpoint: server.endpoint };
  await moveEnvironment(api, site.id, { media: { s3 } });
  const plan = await restores.plan({ sourceId: source, destinationId: site.id, contents: ['MEDIA'] });
  expect(plan.blockers).toEqual([
    { code: 'MEDIA_RESTORE_FAILED', message: expect.stringContaining('is read without keys') },
  ]);
});

test.each([
  ['what is live is copied aside', /^PutObject .*\.holdfast-old-/, 7],
  ['the staged objects go live', /^PutObject uploads\/(?!\.holdfast)/, 7],
  ['others are deleted', /^DeleteObject uploads\/sub/, 7],
])('a worker that dies while %s comes back and makes an end of it', async (_, change, at) => {
  const site = await BucketSite.make();
  const first = await site.content();
  const source = await site.backUp();
  await site.fill('second');
  const keys = await server.makeUser(site.bucket, rights);
  let seen = 0;
  let killed: Promise<void> | null = null;
  const proxy = await startS3Proxy(server.endpoint, async ({ operation, key }) => {
    if (killed || !change.test(`${operation} ${key}`) || (seen += 1) !== at) return {};
    killed = killAndAwait(holdfast, 'worker');
    await killed;
    return { answer: { status: 403, code: 'AccessDenied' } };
  });
  proxies.push(proxy);
  const s3 = { bucket: site.bucket, prefix: 'uploads', endpoint: proxy.endpoint, ...keys };
  await moveEnvironment(api, site.id, { media: { s3 } });
  const wish = { sourceId: source, destinationId: site.id, contents: both, safetyBackup: false };
  const id = await restores.begin(wish);
  await restores.until(id, ['SUCCEEDED'], 240_000);
  expect(killed).not.toBeNull();
  expect(await site.content()).toEqual(first);
  await until('nothing staged is left', 60_000, async () =>
    (await site.files()).own.every((name) => name.startsWith('.holdfast-old-')),
  );
});

test('keys that are taken away in the middle of a switch can be replaced, and only they', async () => {
  const site = await BucketSite.make();
  const first = await site.content();
  const source = await site.backUp();
  await site.fill('second');
  const keys = await server.makeUser(site.bucket, rights);
  let isBarred = false;
  let written = 0;
  const proxy = await startS3Proxy(server.endpoint, ({ operation, key }) => {
    if (/^PutObject uploads\/(?!\.holdfast)/.test(`${operation} ${key}`)) isBarred ||= (written += 1) === 5;
    return isBarred ? { answer: { status: 403, code: 'InvalidAccessKeyId' } } : {};
  });
  proxies.push(proxy);
  const s3 = { bucket: site.bucket, prefix: 'uploads', endpoint: proxy.endpoint, ...keys };
  await moveEnvironment(api, site.id, { media: { s3 } });
  const wish = { sourceId: source, destinationId: site.id, contents: both, safetyBackup: false };
  const id = await restores.begin(wish);
  const failed = await restores.until(id, ['FAILED']);
  expect(failed.failure?.message).toContain('Correct the keys in the environment’s settings, then retry.');
  const elsewhere = { ...s3, prefix: 'elsewhere' };
  await expect(moveEnvironment(api, site.id, { media: { s3: elsewhere } })).rejects.toThrow(/under way/);
  isBarred = false;
  written = 100;
  await moveEnvironment(api, site.id, {
    media: { s3: { ...s3, ...(await server.makeUser(site.bucket, rights)) } },
  });
  await tellJob(api, 'retryJob', id);
  await restores.until(id, ['SUCCEEDED']);
  expect(await site.content()).toEqual(first);
});
