import { CreateMultipartUploadCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { S3Server } from '../../support/s3Server.js';
import { makeSmallDisk } from '../../support/smallDisk.js';
import type { S3Settings } from '../../../workflows/engines/storage/s3Bucket.js';
import type { Storage } from '../../../workflows/engines/storage/storage.js';
import { mebibyte, mebibytes, storageIn } from './s3Bench.js';
import { content, keysOf, storageSuite } from './storage.suite.js';

const never = new AbortController().signal;
const key = 'v1/project/environment/packs/one.tar';
let server: S3Server;

beforeAll(async () => {
  server = await S3Server.start();
});
afterAll(() => server.remove());

/** Storage in a bucket of its own, as it is once a worker serves. */
async function fresh(changes: Partial<S3Settings> = {}, maxBytesPerSecond?: number): Promise<Storage> {
  const storage = storageIn(server, await server.makeBucket(), changes, maxBytesPerSecond);
  await storage.probe();
  return storage;
}

describe('a bucket as storage', () => {
  storageSuite(() => fresh());
});

describe('a bucket with a prefix and a limit on its bandwidth as storage', () => {
  storageSuite(() => fresh({ prefix: 'some/where/' }, 100_000_000));
});

describe('an object larger than one part', () => {
  test('is sent in parts and given back whole', async () => {
    const bucket = await server.makeBucket();
    const storage = storageIn(server, bucket);
    const written = await storage.write(key, mebibytes(21), { signal: never });
    expect(written.size).toBe(21 * mebibyte);
    const back = await content(storage, key);
    expect(createHash('sha256').update(back).digest('hex')).toBe(written.sha256);
    expect(await server.partsOf(bucket, key)).toBe(3);
    expect(await server.uploads(bucket)).toEqual([]);
  });

  test('has few and larger parts where much is expected, through a file where they are too large for memory', async () => {
    const bucket = await server.makeBucket();
    const storage = storageIn(server, bucket, { maxParts: 4 });
    const options = { signal: never, expectedBytes: 90 * mebibyte };
    const written = await storage.write(key, mebibytes(100), options);
    expect(
      createHash('sha256')
        .update(await content(storage, key))
        .digest('hex'),
    ).toBe(written.sha256);
    expect(await server.partsOf(bucket, key)).toBe(3);
  });

  test('grows its parts where more comes than anybody expected', async () => {
    const bucket = await server.makeBucket();
    const storage = storageIn(server, bucket, { maxParts: 4 });
    const written = await storage.write(key, mebibytes(50), { signal: never });
    expect(await storage.stat(key)).toEqual({ key, size: written.size });
    expect(await server.partsOf(bucket, key)).toBe(4);
  });

  test('that does not fit into the parts allowed is refused clearly and leaves nothing', async () => {
    const bucket = await server.makeBucket();
    const storage = storageIn(server, bucket, { maxParts: 3, equalParts: true });
    const source = mebibytes(30);
    await expect(storage.write(key, source, { signal: never })).rejects.toMatchObject({
      code: 'STORAGE_FULL',
      message: expect.stringContaining('3 parts of equal size'),
      remedy: expect.stringContaining('S3_MAX_PARTS'),
    });
    expect(source.destroyed).toBe(true);
    expect(await keysOf(storage, '')).toEqual([]);
    await storage.write(key, mebibytes(30), { signal: never, expectedBytes: 30 * mebibyte });
    expect(await storage.stat(key)).toMatchObject({ size: 30 * mebibyte });
  });

  test('F24: whose large parts find no room in the temporary folder fails clearly and leaves nothing', async () => {
    const disk = await makeSmallDisk(10 * mebibyte);
    vi.stubEnv('TMPDIR', disk.folder);
    try {
      const bucket = await server.makeBucket();
      const storage = storageIn(server, bucket, { maxParts: 4 });
      const options = { signal: never, expectedBytes: 90 * mebibyte };
      await expect(storage.write(key, mebibytes(90), options)).rejects.toMatchObject({
        code: 'STORAGE_FULL',
        message: expect.stringContaining('ENOSPC'),
        remedy: expect.stringContaining('TMPDIR'),
      });
      expect(await keysOf(storage, '')).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      await disk.remove();
    }
  });

  test('that is aborted, or whose source fails, leaves no unfinished upload', async () => {
    const bucket = await server.makeBucket();
    const storage = storageIn(server, bucket);
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const cancelled = mebibytes(40, async (index) => {
      if (index === 30) {
        expect(await server.uploads(bucket)).toEqual([key]);
        controller.abort(reason);
      }
    });
    await expect(storage.write(key, cancelled, { signal: controller.signal })).rejects.toBe(reason);
    const failure = new Error('the source broke');
    const broken = mebibytes(40, async (index) => {
      if (index === 30) throw failure;
    });
    await expect(storage.write(key, broken, { signal: never })).rejects.toBe(failure);
    expect(await keysOf(storage, '')).toEqual([]);
    expect(await server.uploads(bucket)).toEqual([]);
  });
});

describe('what a worker that was killed has left', () => {
  test('F20: is found by a list and removed by its key, by the object’s and by a prefix', async () => {
    const bucket = await server.makeBucket();
    const storage = storageIn(server, bucket);
    const begin = (Key: string) =>
      server.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
    const left = `${key}.partial-${(await begin(key)).UploadId}`;
    expect(await keysOf(storage, 'v1/')).toEqual([left]);
    await storage.remove(left);
    expect(await server.uploads(bucket)).toEqual([]);
    for (const name of [key, key, `${key}x`]) await begin(name);
    await storage.remove(key);
    expect(await server.uploads(bucket)).toEqual([`${key}x`]);
    await storage.remove('v1/project/');
    expect(await keysOf(storage, '')).toEqual([]);
  });
});

test('F26: more objects than one page of a list holds are listed and removed', async () => {
  const bucket = await server.makeBucket();
  const storage = storageIn(server, bucket);
  const names = Array.from({ length: 1_005 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let at = lane; at < names.length; at += 8) {
      await server.client.send(new PutObjectCommand({ Bucket: bucket, Key: names[at], Body: 'x' }));
    }
  });
  await Promise.all(lanes);
  expect(await keysOf(storage, 'many/')).toEqual(names);
  await storage.remove('many/');
  expect(await keysOf(storage, '')).toEqual([]);
});

const circlingList = `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>
  <Contents><Key>v1/one</Key><Size>1</Size></Contents>
  <IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken></ListBucketResult>`;

test('F26: a list that gives the same page again and again is not believed', async () => {
  const circling = http.createServer((_, response) => response.end(circlingList));
  await new Promise<void>((resolve) => circling.listen(0, '127.0.0.1', resolve));
  const { port } = circling.address() as AddressInfo;
  const storage = storageIn(server, 'any', { endpoint: `http://127.0.0.1:${port}` });
  await expect(keysOf(storage, 'v1/')).rejects.toMatchObject({
    code: 'STORAGE_UNREACHABLE',
    message: expect.stringContaining('again and again'),
  });
  circling.closeAllConnections();
  circling.close();
});

test('what others keep in the bucket is neither listed nor removed', async () => {
  const bucket = await server.makeBucket();
  const put = (Key: string) => server.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '' }));
  for (const name of ['other', 'ours/v1/folder/', 'ours/v1/folder/one']) await put(name);
  const storage = storageIn(server, bucket, { prefix: 'ours/' });
  expect(await keysOf(storage, '')).toEqual(['v1/folder/one']);
  await storage.remove('v1/');
  expect(await server.objects(bucket)).toEqual(['other']);
});

describe('F9: a server that is killed in the middle of an upload', () => {
  test('and comes back: the upload goes on', async () => {
    const bucket = await server.makeBucket();
    const storage = storageIn(server, bucket);
    let back = Promise.resolve();
    const source = mebibytes(60, async (index) => {
      if (index !== 30) return;
      await server.kill();
      back = new Promise((resolve) => setTimeout(resolve, 2_000)).then(() => server.launch());
    });
    const written = await storage.write(key, source, { signal: never });
    await back;
    expect(
      createHash('sha256')
        .update(await content(storage, key))
        .digest('hex'),
    ).toBe(written.sha256);
    expect(await keysOf(storage, '')).toEqual([key]);
  });

  test('and stays away fails clearly; what is left is found and removed later', async () => {
    const bucket = await server.makeBucket();
    const storage = storageIn(server, bucket, { patienceMs: 1_000 });
    const source = mebibytes(60, async (index) => {
      if (index === 30) await server.kill();
    });
    await expect(storage.write(key, source, { signal: never })).rejects.toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    await server.launch();
    expect(await keysOf(storage, '')).toEqual([expect.stringContaining(`${key}.partial-`)]);
    await storage.remove(key);
    expect(await keysOf(storage, '')).toEqual([]);
  });
});
