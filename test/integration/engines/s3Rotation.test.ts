import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { S3Keys } from '#schema/domain';
import { renewableKeys } from '../../../workflows/engines/s3/renewableKeys.js';
import type { S3Settings } from '../../../workflows/engines/storage/s3Bucket.js';
import type { Storage } from '../../../workflows/engines/storage/storage.js';
import { startS3Proxy, type S3Proxy } from '../../support/s3Proxy.js';
import { S3Server } from '../../support/s3Server.js';
import { mebibyte, mebibytes, storageIn } from './s3Bench.js';
import { content, keysOf } from './storage.suite.js';

const never = new AbortController().signal;
const key = 'v1/project/environment/packs/one.tar';
const rights = [
  ...['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket'],
  ...['s3:ListBucketMultipartUploads', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
];
let server: S3Server;
let folder: string;
let bucket: string;
let proxy: S3Proxy;
/** What the provider says to the first keys; null: they are good. */
let refusal: { status: number; code: string } | null;
let second: S3Keys;

beforeAll(async () => {
  server = await S3Server.start();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-keys-'));
  bucket = await server.makeBucket();
  second = await server.makeUser(bucket, rights);
  refusal = null;
  proxy = await startS3Proxy(server.endpoint, ({ headers }) => {
    const isFirst = String(headers.authorization).includes(`Credential=${server.keys.accessKeyId}/`);
    return refusal && isFirst ? { answer: refusal } : {};
  });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await proxy.stop();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => server.remove());

/** Puts keys where containers get their secrets. */
async function keepInFiles({ accessKeyId, secretAccessKey }: S3Keys): Promise<NodeJS.ProcessEnv> {
  const environment = {
    S3_ACCESS_KEY_ID_FILE: join(folder, 'id'),
    S3_SECRET_ACCESS_KEY_FILE: join(folder, 'secret'),
  };
  await writeFile(environment.S3_ACCESS_KEY_ID_FILE, `${accessKeyId}\n`);
  await writeFile(environment.S3_SECRET_ACCESS_KEY_FILE, `${secretAccessKey}\n`);
  return environment;
}

async function keysInFiles(): Promise<S3Settings['keys']> {
  return renewableKeys(server.keys, await keepInFiles(server.keys));
}

function storageWith(keys: S3Settings['keys'], changes: Partial<S3Settings> = {}): Storage {
  return storageIn(server, bucket, { endpoint: proxy.endpoint, keys, ...changes });
}

/** Writes 60 MiB; in the middle of it the first keys lose their worth, and then `replace` happens. */
async function writeMeanwhile(storage: Storage, code: string, replace: () => Promise<unknown>) {
  const source = mebibytes(60, async (index) => {
    if (index !== 30) return;
    refusal = { status: 403, code };
    await replace();
  });
  return storage.write(key, source, { signal: never, expectedBytes: 60 * mebibyte });
}

async function expectWhole(storage: Storage, sha256: string): Promise<void> {
  const back = await content(storage, key);
  expect(createHash('sha256').update(back).digest('hex')).toBe(sha256);
  expect(await keysOf(storage, '')).toEqual([key]);
  expect(await server.uploads(bucket)).toEqual([]);
}

describe('F23: keys that lose their worth in the middle of an upload', () => {
  test.each(['ExpiredToken', 'InvalidAccessKeyId', 'SignatureDoesNotMatch'])(
    'and are replaced in their files are read again: %s',
    async (code) => {
      const storage = storageWith(await keysInFiles());
      const written = await writeMeanwhile(storage, code, () => keepInFiles(second));
      await expectWhole(storage, written.sha256);
    },
  );

  test('are read again as well where parts lie in files', async () => {
    const storage = storageWith(await keysInFiles(), { maxParts: 4 });
    const written = await writeMeanwhile(storage, 'ExpiredToken', () => keepInFiles(second));
    await expectWhole(storage, written.sha256);
    expect(await server.partsOf(bucket, key)).toBe(2);
  });

  test('and are replaced a moment after the first refusal', async () => {
    const storage = storageWith(await keysInFiles());
    const late = async () => void setTimeout(() => void keepInFiles(second), 700);
    const written = await writeMeanwhile(storage, 'ExpiredToken', late);
    await expectWhole(storage, written.sha256);
  });

  test('are read again from where the SDK’s own chain finds them', async () => {
    const file = join(folder, 'credentials');
    const keep = ({ accessKeyId, secretAccessKey }: S3Keys) =>
      writeFile(
        file,
        `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
      );
    await keep(server.keys);
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    const storage = storageWith(null);
    const written = await writeMeanwhile(storage, 'ExpiredToken', () => keep(second));
    await expectWhole(storage, written.sha256);
  });

  test('and are not replaced end it clearly, without a word of them; what is left is found later', async () => {
    const storage = storageWith(await keysInFiles());
    const problem: unknown = await writeMeanwhile(storage, 'ExpiredToken', async () => undefined).catch(
      (error: unknown) => error,
    );
    expect(problem).toMatchObject({
      code: 'STORAGE_AUTHENTICATION',
      message: expect.stringMatching(/does not take the keys \(ExpiredToken\)/),
      remedy: expect.stringContaining('S3_SECRET_ACCESS_KEY'),
    });
    const told = JSON.stringify({ ...(problem as object), message: String(problem) });
    expect(told).not.toContain(server.keys.accessKeyId);
    expect(told).not.toContain(server.keys.secretAccessKey);
    await keepInFiles(second);
    expect(await keysOf(storage, '')).toEqual([expect.stringContaining(`${key}.partial-`)]);
    await storage.remove(key);
    expect(await keysOf(storage, '')).toEqual([]);
  });
});
