import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { S3Settings } from '../../../workflows/engines/storage/s3Bucket.js';
import type { Storage } from '../../../workflows/engines/storage/storage.js';
import { startS3Proxy, type S3Call, type S3Fate, type S3Proxy } from '../../support/s3Proxy.js';
import { S3Server } from '../../support/s3Server.js';
import { mebibyte, mebibytes, storageIn } from './s3Bench.js';
import { content, keysOf } from './storage.suite.js';

const never = new AbortController().signal;
const key = 'v1/project/environment/packs/one.tar';
let server: S3Server;
let bucket: string;
const proxies: S3Proxy[] = [];

beforeAll(async () => {
  server = await S3Server.start();
});
afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()));
});
afterAll(() => server.remove());

/** Storage behind a proxy that decides on each call, in a bucket of its own. */
async function behind(fate: (call: S3Call) => S3Fate | Promise<S3Fate>, changes: Partial<S3Settings> = {}) {
  bucket = await server.makeBucket();
  const proxy = await startS3Proxy(server.endpoint, fate);
  proxies.push(proxy);
  return { proxy, storage: storageIn(server, bucket, { endpoint: proxy.endpoint, ...changes }) };
}

const small = () => Readable.from([Buffer.from('small')]);

describe('a provider', () => {
  test('F21: that does not heed If-None-Match is refused', async () => {
    // As such a provider does: what was there is no obstacle.
    const { storage } = await behind(async ({ operation, headers, key: Key }) => {
      if (operation === 'PutObject' && headers['if-none-match']) await server.removeObject(bucket, Key);
      return {};
    });
    const refused = { code: 'STORAGE_AUTHENTICATION', message: expect.stringContaining('If-None-Match') };
    await expect(storage.probe()).rejects.toMatchObject(refused);
    await expect(storage.seal('a/backup.json', Buffer.from('x'))).rejects.toMatchObject(refused);
    expect(await server.objects(bucket)).toEqual([]);
  });

  test('F18, F22: that compares no checksums is read back, and found out', async () => {
    let harm = (body: Buffer): Buffer => body;
    const { storage } = await behind(({ operation, key: Key, query, headers }) => {
      const isSeal = headers['if-none-match'] !== undefined;
      if (operation === 'UploadPart') return { by: (body) => server.putPart(bucket, Key, query, harm(body)) };
      if (operation === 'PutObject' && !isSeal)
        return { by: (body) => server.putObject(bucket, Key, harm(body), headers) };
      return {};
    });
    const { lacks } = await storage.probe();
    expect(lacks).toEqual([expect.stringMatching(/compares no checksums.*read back/)]);
    await storage.write(key, mebibytes(20), { signal: never });
    expect(await storage.stat(key)).toMatchObject({ size: 20 * mebibyte });
    await storage.remove(key);
    harm = flipped;
    for (const size of [1, 20]) {
      await expect(storage.write(key, mebibytes(size), { signal: never })).rejects.toMatchObject({
        code: 'STORAGE_UNREACHABLE',
        message: expect.stringContaining('other bytes than were written'),
      });
      expect(await keysOf(storage, '')).toEqual([]);
    }
  });

  test.each([true, false])(
    'F18: that keeps other bytes than it compared is found out where a write is read back (hashed: %s)',
    async (hash) => {
      let harms = false;
      const { storage } = await behind(({ operation, key: Key, query }) =>
        harms && operation === 'UploadPart'
          ? { by: (body) => server.putPart(bucket, Key, query, flipped(body)) }
          : {},
      );
      expect((await storage.probe()).lacks).toEqual([]);
      harms = true;
      const options = { signal: never, hash, readBack: true };
      await expect(storage.write(key, mebibytes(17), options)).rejects.toMatchObject({
        message: expect.stringContaining('other bytes than were written'),
      });
      expect(await keysOf(storage, '')).toEqual([]);
    },
  );

  test('that lists no unfinished uploads is used without', async () => {
    const { storage } = await behind(({ operation }) =>
      operation === 'ListMultipartUploads' ? { answer: { status: 501, code: 'NotImplemented' } } : {},
    );
    expect((await storage.probe()).lacks).toEqual([expect.stringContaining('lifecycle rule')]);
    await storage.write(key, mebibytes(9), { signal: never });
    expect(await keysOf(storage, '')).toEqual([key]);
    await storage.remove('v1/');
    expect(await keysOf(storage, '')).toEqual([]);
  });

  test('that takes no unsigned bodies gets them signed', async () => {
    let signed = 0;
    const { storage } = await behind(({ operation, headers }) => {
      if (operation !== 'UploadPart') return {};
      const isUnsigned = headers['x-amz-content-sha256'] === 'UNSIGNED-PAYLOAD';
      if (!isUnsigned) signed += 1;
      return isUnsigned ? { answer: { status: 400, code: 'InvalidRequest' } } : {};
    });
    expect((await storage.probe()).lacks).toEqual([]);
    signed = 0;
    await storage.write(key, mebibytes(17), { signal: never });
    expect(signed).toBe(3);
  });

  test('that removes objects only one by one is used so', async () => {
    const { storage } = await behind(({ operation }) =>
      operation === 'DeleteObjects' ? { answer: { status: 501, code: 'NotImplemented' } } : {},
    );
    for (const name of ['a/1', 'a/2']) await storage.write(name, small(), { signal: never });
    await storage.remove('a/');
    expect(await keysOf(storage, '')).toEqual([]);
  });
});

describe('a way to the provider', () => {
  test('F15: on which three of ten calls fail leads there', async () => {
    let count = 0;
    const { storage, proxy } = await behind(() => {
      count += 1;
      return (count * 3) % 10 < 3 ? { answer: { status: 503, code: 'SlowDown' } } : {};
    });
    const written = await storage.write(key, mebibytes(40), { signal: never });
    await expectContent(storage, written.sha256);
    expect(await storage.seal('a/backup.json', Buffer.from('x'))).toBe('sealed');
    expect(await keysOf(storage, '')).toEqual(['a/backup.json', key]);
    await storage.remove('v1/');
    await storage.remove('a/backup.json');
    expect(await keysOf(storage, '')).toEqual([]);
    expect(proxy.calls.length).toBeGreaterThan(30);
  });

  test('on which a call fails now and then carries parts that lie in files as well', async () => {
    let count = 0;
    const { storage } = await behind(
      ({ operation }) => {
        count += 1;
        const fails = operation === 'UploadPart' && count % 2 === 0;
        return fails ? { answer: { status: 500, code: 'InternalError' } } : {};
      },
      { maxParts: 4 },
    );
    const options = { signal: never, expectedBytes: 70 * mebibyte };
    const written = await storage.write(key, mebibytes(90), options);
    await expectContent(storage, written.sha256);
    expect(await server.partsOf(bucket, key)).toBe(3);
  });

  test('F17: that changes a byte of a part is found out; the part is sent again', async () => {
    let changes = 1;
    const { storage, proxy } = await behind(({ operation }) => {
      if (operation !== 'UploadPart' || changes === 0) return {};
      changes -= 1;
      return { change: flipped };
    });
    await storage.probe();
    changes = 1;
    proxy.calls.length = 0;
    const written = await storage.write(key, mebibytes(17), { signal: never });
    await expectContent(storage, written.sha256);
    expect(proxy.calls.filter((call) => call === 'UploadPart')).toHaveLength(4);
  });

  test('F17: that changes a byte of every part leads nowhere and leaves nothing', async () => {
    let changes = false;
    const { storage } = await behind(
      ({ operation }) => (changes && operation === 'UploadPart' ? { change: flipped } : {}),
      { patienceMs: 1_000 },
    );
    await storage.probe();
    changes = true;
    await expect(storage.write(key, mebibytes(17), { signal: never })).rejects.toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      message: expect.stringContaining('not what was sent'),
    });
    expect(await keysOf(storage, '')).toEqual([]);
    expect(await server.uploads(bucket)).toEqual([]);
  });

  test('F16: that is cut off once the upload is complete: the object counts, and nothing is completed twice', async () => {
    const { storage, proxy } = await behind(({ operation }) => ({
      cut: operation === 'CompleteMultipartUpload',
    }));
    await storage.write(key, mebibytes(17), { signal: never });
    expect(await storage.stat(key)).toMatchObject({ size: 17 * mebibyte });
    expect(proxy.calls.filter((call) => call === 'CompleteMultipartUpload')).toHaveLength(1);
  });

  test('F16: on which an upload is completed although the answer says that it failed: the object counts', async () => {
    const { storage, proxy } = await behind(({ operation }) =>
      operation === 'CompleteMultipartUpload' ? { instead: { status: 200, code: 'InternalError' } } : {},
    );
    await storage.write(key, mebibytes(17), { signal: never });
    expect(proxy.calls.filter((call) => call === 'CompleteMultipartUpload')).toHaveLength(1);
  });

  test('F16: on which completion fails in the words of a success is found out, and tried again', async () => {
    let failures = 2;
    const { storage } = await behind(({ operation }) => {
      if (operation !== 'CompleteMultipartUpload' || failures === 0) return {};
      failures -= 1;
      return { answer: { status: 200, code: 'InternalError' } };
    });
    await storage.write(key, mebibytes(17), { signal: never });
    expect(failures).toBe(0);
    expect(await storage.stat(key)).toMatchObject({ size: 17 * mebibyte });
  });

  test('F16: that never brings a completion to its end leads nowhere and leaves nothing', async () => {
    const { storage } = await behind(
      ({ operation }) =>
        operation === 'CompleteMultipartUpload' ? { answer: { status: 200, code: 'InternalError' } } : {},
      { patienceMs: 1_000 },
    );
    await expect(storage.write(key, mebibytes(17), { signal: never })).rejects.toMatchObject({
      code: 'STORAGE_UNREACHABLE',
    });
    expect(await keysOf(storage, '')).toEqual([]);
  });

  test('that loses the answer to the beginning of an upload leaves no stray one', async () => {
    let cuts = 0;
    const { storage } = await behind(({ operation }) => {
      if (operation !== 'CreateMultipartUpload' || cuts === 0) return {};
      cuts -= 1;
      return { cut: true };
    });
    await storage.probe();
    cuts = 1;
    await storage.write(key, mebibytes(17), { signal: never });
    expect(await server.uploads(bucket)).toEqual([]);
  });

  test('that loses the answer to a seal: whoever sealed knows it', async () => {
    let cuts = 0;
    const { storage } = await behind(({ operation, headers }) => {
      if (operation !== 'PutObject' || !headers['if-none-match'] || cuts === 0) return {};
      cuts -= 1;
      return { cut: true };
    });
    await storage.probe();
    cuts = 1;
    expect(await storage.seal('a/backup.json', Buffer.from('first'))).toBe('sealed');
    cuts = 1;
    expect(await storage.seal('a/backup.json', Buffer.from('second'))).toBe('exists');
    expect((await content(storage, 'a/backup.json')).toString()).toBe('first');
  });

  test('that is contested: a seal waits for how it ends', async () => {
    let conflicts = 0;
    const { storage } = await behind(({ operation, headers }) => {
      if (operation !== 'PutObject' || !headers['if-none-match'] || conflicts === 0) return {};
      conflicts -= 1;
      return { answer: { status: 409, code: 'ConditionalRequestConflict' } };
    });
    await storage.probe();
    conflicts = 3;
    expect(await storage.seal('a/backup.json', Buffer.from('x'))).toBe('sealed');
  });

  test('that is cut off while an object is read: the reading goes on where it was', async () => {
    let cuts = 0;
    const { storage } = await behind(({ operation }) => {
      if (operation !== 'GetObject' || cuts === 0) return {};
      cuts -= 1;
      return { cutAnswerAfter: 3_000_000 };
    });
    const written = await storage.write(key, mebibytes(20), { signal: never });
    cuts = 3;
    const back = await content(storage, key);
    expect(cuts).toBe(0);
    expect(createHash('sha256').update(back).digest('hex')).toBe(written.sha256);
  });
});

async function expectContent(storage: Storage, sha256: string): Promise<void> {
  const back = await content(storage, key);
  expect(createHash('sha256').update(back).digest('hex')).toBe(sha256);
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
}
