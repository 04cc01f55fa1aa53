import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Download, DownloadFile } from '#schema/entities';
import { openFileStore } from '../../../server/download/files/openFileStore.js';
import { serverSettings } from '../../../server/settings.js';
import { S3Server } from '../../support/s3Server.js';
import { api } from './restoreFixture.js';
import {
  audited,
  get,
  makeDownload,
  makeFile,
  operator,
  serve,
  useDownloads,
  type Site,
} from './downloadFixture.js';

useDownloads();

let s3: S3Server;
let bucket: string;
let streams: Site;
let redirects: Site;
let download: Download;
let file: DownloadFile;
let bytes: Buffer;
const prefix = 'kept/here/';

beforeAll(async () => {
  s3 = await S3Server.start();
  bucket = await s3.makeBucket();
  streams = await serveFromS3('stream');
  redirects = await serveFromS3('redirect');
});
afterAll(() => s3.remove());
beforeEach(async () => {
  download = await makeDownload();
  ({ file, bytes } = await makeFile(download, 300_000, 'MEDIA', put));
});

const put = async (key: string, body: Buffer) => {
  await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body: body }));
};

async function serveFromS3(way: 'stream' | 'redirect'): Promise<Site> {
  const { DATABASE_URL, HOLDFAST_SECRET_KEY } = api.tools.settings;
  const settings = serverSettings({
    DATABASE_URL,
    HOLDFAST_SECRET_KEY,
    S3_BUCKET: bucket,
    S3_PREFIX: prefix,
    S3_ENDPOINT: s3.endpoint,
    S3_ACCESS_KEY_ID: s3.keys.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.keys.secretAccessKey,
    HOLDFAST_FILES_FROM_S3: way,
  });
  return serve({}, openFileStore(settings, {}));
}
const mine = (site: Site, headers: Record<string, string> = {}, method = 'GET', of = file) =>
  get(site.at(of), { authorization: `Bearer ${operator.token}`, ...headers }, method);
const bodyOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

describe('a file in S3', () => {
  test('is streamed whole and in parts, under our own name and tag', async () => {
    const whole = await mine(streams);
    expect(whole.status).toBe(200);
    expect(whole.headers.get('etag')).toBe(`"${file.sha256}"`);
    expect(whole.headers.get('content-disposition')).toContain(file.name);
    expect((await bodyOf(whole)).equals(bytes)).toBe(true);
    const part = await mine(streams, { range: 'bytes=1000-1999' });
    expect([part.status, part.headers.get('content-length')]).toEqual([206, '1000']);
    expect((await bodyOf(part)).equals(bytes.subarray(1000, 2000))).toBe(true);
    expect((await mine(streams, {}, 'HEAD')).headers.get('content-length')).toBe('300000');
    expect((await mine(streams, { range: 'bytes=300000-' })).status).toBe(416);
    const { file: empty } = await makeFile(download, 0, 'DATABASE', put);
    expect(await bodyOf(await mine(streams, {}, 'GET', empty))).toHaveLength(0);
  });

  test('is given by an address of the bucket’s own, for five minutes at the most', async () => {
    const answer = await mine(redirects);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([302, 'private, no-store']);
    const address = new URL(answer.headers.get('location') ?? '');
    expect(address.origin).toBe(s3.endpoint);
    expect(Number(address.searchParams.get('X-Amz-Expires'))).toBe(300);
    const there = await get(address.href, { range: 'bytes=5-9' });
    expect(there.status).toBe(206);
    expect(there.headers.get('content-disposition')).toContain(file.name);
    expect((await bodyOf(there)).equals(bytes.subarray(5, 10))).toBe(true);
    expect(await audited(download.id)).toMatchObject([{ deed: 'download', by: 'token' }]);
    // A HEAD cannot be sent on: the address is for GET alone.
    expect((await mine(redirects, {}, 'HEAD')).status).toBe(200);
    expect((await get(redirects.at(file))).status).toBe(401);
  });

  test('is given no longer than the download lasts', async () => {
    const soon = await makeDownload({ expiresAt: new Date(Date.now() + 60_000) });
    const { file: its } = await makeFile(soon, 10, 'MEDIA', put);
    const address = new URL((await mine(redirects, {}, 'GET', its)).headers.get('location') ?? '');
    expect(Number(address.searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(60);
  });

  test('that is not there as it was recorded is not given', async () => {
    await put(file.storageKey, bytes.subarray(1));
    for (const site of [streams, redirects])
      for (const method of ['GET', 'HEAD']) expect((await mine(site, {}, method)).status).toBe(404);
    const { file: gone } = await makeFile(download, 10, 'DATABASE', async () => undefined);
    for (const site of [streams, redirects]) expect((await mine(site, {}, 'GET', gone)).status).toBe(404);
    expect(await audited(download.id)).toEqual([]);
  });

  test('waits while S3 is away', async () => {
    await s3.kill();
    const answer = await mine(streams);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    await s3.launch();
    expect((await mine(streams)).status).toBe(200);
  });
});
