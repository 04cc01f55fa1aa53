import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { s3Problem } from '../../../workflows/engines/s3/problem.js';
import type { S3Settings } from '../../../workflows/engines/storage/s3Bucket.js';
import { freePort } from '../../support/holdfast.js';
import { startS3Proxy } from '../../support/s3Proxy.js';
import { S3Server } from '../../support/s3Server.js';
import { mebibyte, mebibytes, storageIn } from './s3Bench.js';
import { keysOf } from './storage.suite.js';

const never = new AbortController().signal;
const key = 'v1/project/environment/packs/one.tar';
let server: S3Server;

beforeAll(async () => {
  server = await S3Server.start();
});
afterEach(() => void vi.useRealTimers());
afterAll(() => server.remove());

describe('what has to be mended is named', () => {
  async function problemOf(
    changes: Partial<S3Settings>,
  ): Promise<{ code: string; message: string; remedy: string }> {
    const storage = storageIn(server, await server.makeBucket(), { patienceMs: 200, ...changes });
    const problem = await storage.probe().then(
      () => null,
      (error: unknown) => error,
    );
    await expect(
      storage.write(key, Readable.from([Buffer.from('x')]), { signal: never }),
    ).rejects.toMatchObject(problem as object);
    const told = JSON.stringify({ ...(problem as object), message: String(problem) });
    expect(told).not.toContain(server.keys.secretAccessKey);
    expect(told).not.toContain('secret-wrong');
    return problem as { code: string; message: string; remedy: string };
  }

  test('a bucket that is not there', async () => {
    expect(await problemOf({ bucket: 'holdfast-none' })).toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      message: expect.stringMatching(/no bucket “holdfast-none”/),
      remedy: expect.stringContaining('S3_BUCKET'),
    });
    const storage = storageIn(server, 'holdfast-none');
    await expect(storage.stat(key)).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    await expect(storage.read(key)).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    await expect(keysOf(storage, '')).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    await expect(storage.remove(key)).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
  });

  test('keys that are unknown or wrong', async () => {
    const refused = {
      code: 'STORAGE_AUTHENTICATION',
      message: expect.stringMatching(/does not take the keys/),
      remedy: expect.stringContaining('S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY'),
    };
    const { accessKeyId } = server.keys;
    expect(
      await problemOf({ keys: { accessKeyId: 'nobody', secretAccessKey: 'secret-wrong' } }),
    ).toMatchObject(refused);
    expect(await problemOf({ keys: { accessKeyId, secretAccessKey: 'secret-wrong' } })).toMatchObject(
      refused,
    );
    const storage = storageIn(server, await server.makeBucket(), {
      keys: { accessKeyId, secretAccessKey: 'secret-wrong' },
    });
    await expect(storage.stat(key)).rejects.toMatchObject(refused);
  });

  test('a wrong region, with the right one', async () => {
    expect(await problemOf({ region: 'eu-central-1' })).toMatchObject({
      code: 'STORAGE_AUTHENTICATION',
      message: expect.stringMatching(/is in the region “us-east-1”/),
      remedy: expect.stringContaining('S3_REGION'),
    });
  });

  test('a server that is not there', async () => {
    expect(await problemOf({ endpoint: `http://127.0.0.1:${await freePort()}` })).toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      message: expect.stringMatching(/could not be reached \(ECONNREFUSED\)/),
      remedy: expect.stringContaining('S3_ENDPOINT'),
    });
  });

  test('a server that is none of S3’s', async () => {
    const proxy = await startS3Proxy(server.endpoint, () => ({ answer: { status: 405, code: 'Nonsense' } }));
    expect(await problemOf({ endpoint: proxy.endpoint })).toMatchObject({
      code: 'STORAGE_AUTHENTICATION',
      remedy: expect.stringContaining('S3_ENDPOINT'),
    });
    await proxy.stop();
  });

  test.each([
    's3:DeleteObject',
    's3:PutObject',
    's3:GetObject',
    's3:ListBucket',
    's3:ListBucketMultipartUploads',
  ])('a missing right: %s', async (missing) => {
    const rights = [
      's3:GetObject',
      's3:PutObject',
      's3:DeleteObject',
      's3:ListBucket',
      's3:ListBucketMultipartUploads',
      's3:AbortMultipartUpload',
      's3:ListMultipartUploadParts',
    ];
    const own = await server.makeBucket();
    const keys = await server.makeUser(
      own,
      rights.filter((right) => right !== missing),
    );
    expect(await problemOf({ bucket: own, keys })).toMatchObject({
      code: 'STORAGE_AUTHENTICATION',
      message: expect.stringContaining(missing),
      remedy: expect.stringContaining(missing),
    });
    // Whoever may not remove anything leaves nothing.
    if (missing === 's3:DeleteObject') expect(await server.objects(own)).toEqual([]);
    await storageIn(server, own, { keys: await server.makeUser(own, rights) }).probe();
  });

  test('F23: clocks that differ, and by how much', async () => {
    const client = new S3Client({
      endpoint: server.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: server.keys,
      systemClockOffset: 20 * 60_000,
      maxAttempts: 1,
    });
    const Bucket = await server.makeBucket();
    const error: unknown = await client
      .send(new ListObjectsV2Command({ Bucket }))
      .catch((thrown: unknown) => thrown);
    const asked = {
      name: 'The backup storage',
      bucket: Bucket,
      codes: {
        unreachable: 'STORAGE_UNREACHABLE',
        refused: 'STORAGE_AUTHENTICATION',
        absent: 'STORAGE_UNREACHABLE',
        full: 'STORAGE_FULL',
      },
      settings: { keys: '', bucket: '', region: '', endpoint: '' },
    } as const;
    expect(s3Problem(error, asked, 's3:ListBucket')).toMatchObject({
      code: 'STORAGE_AUTHENTICATION',
      message: expect.stringMatching(/clocks differ by (20 min 0 s|19 min 59 s|20 min 1 s)/),
      remedy: expect.stringContaining('clock'),
    });
  });
});

test('F23: a clock that is off is corrected by the server’s', async () => {
  const storage = storageIn(server, await server.makeBucket());
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 20 * 60_000 });
  await storage.write(key, mebibytes(9), { signal: never });
  expect(await storage.stat(key)).toMatchObject({ size: 9 * mebibyte });
});
