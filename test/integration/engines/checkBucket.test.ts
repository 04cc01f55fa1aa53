import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { checkBucket } from '../../../workflows/engines/checkBucket.js';
import { freePort } from '../../support/holdfast.js';
import { startS3Proxy } from '../../support/s3Proxy.js';
import { useBucketBench, type BucketBench } from './bucketMediaBench.js';

const s3 = useBucketBench();
const never = new AbortController().signal;

afterEach(() => vi.useRealTimers());

describe('a check of a bucket with media', () => {
  const check = (...changes: Parameters<BucketBench['address']>) =>
    checkBucket(s3.address(...changes), never);
  const saying = (code: string, message: RegExp) => [{ code, message: expect.stringMatching(message) }];

  test('finds nothing where all is well, and changes nothing', async () => {
    await s3.put('a/b', 'x');
    expect(await check()).toEqual([]);
    expect(await s3.server.objects(s3.bucket)).toHaveLength(1);
  });

  test('names a bucket that is not there', async () => {
    expect(await check({ bucket: 'nowhere' })).toEqual(
      saying(
        'MEDIA_NOT_FOUND',
        /^media\.s3\.bucket: There is no bucket “nowhere”.*correct the bucket’s name in the environment’s settings\.$/,
      ),
    );
  });

  test('names a prefix with nothing below', async () => {
    expect(await check()).toEqual(
      saying('MEDIA_NOT_FOUND', /^media\.s3\.prefix: Nothing lies below .*Correct the prefix/),
    );
    expect(await check({ prefix: '' })).toEqual([]);
  });

  test('names a wrong region', async () => {
    expect(await check({ region: 'eu-west-1' })).toEqual(
      saying('MEDIA_UNREADABLE', /^media\.s3\.region: .*us-east-1.*Correct the region/),
    );
  });

  test('names wrong keys, and never quotes them', async () => {
    const wrong = { accessKeyId: 'nobody-at-all', secretAccessKey: 'most secret' };
    const wrongSecret = { ...s3.server.keys, secretAccessKey: 'most secret' };
    for (const keys of [wrong, wrongSecret]) {
      const found = await check({}, keys);
      expect(found).toEqual(saying('MEDIA_UNREADABLE', /^media\.s3\.accessKeyId: .*Correct the keys/));
      expect(JSON.stringify(found)).not.toMatch(/most secret|nobody-at-all|holdfast-owner/);
    }
    expect(await check({}, 'none')).toEqual(
      saying('MEDIA_UNREADABLE', /^media\.s3\.accessKeyId: .*to everybody.*Give the keys/),
    );
  });

  test('names an endpoint that is away, that is no S3, or that says nothing', async () => {
    const away = `http://127.0.0.1:${await freePort()}`;
    const noS3 = http.createServer((_, response) => response.end('<html>hello</html>'));
    const silent = http.createServer(() => undefined);
    const [ofNoS3, ofSilent] = await Promise.all([noS3, silent].map(listen));
    expect(await check({ endpoint: away })).toEqual(
      saying('MEDIA_UNREADABLE', /^media\.s3\.endpoint: .*ECONNREFUSED.*the endpoint/),
    );
    expect(await check({ endpoint: ofNoS3 ?? '' })).toEqual(
      saying('MEDIA_UNREADABLE', /^media\.s3\.endpoint: .*Check the endpoint/),
    );
    expect(await checkBucket(s3.address({ endpoint: ofSilent ?? '' }), AbortSignal.timeout(300))).toEqual(
      saying('MEDIA_UNREADABLE', /^media\.s3\.endpoint: .*did not answer in time/),
    );
    for (const server of [noS3, silent]) server.closeAllConnections();
    for (const server of [noS3, silent]) server.close();
  });

  test('names rights that are missing', async () => {
    await s3.put('a', 'x');
    const reader = await s3.server.makeUser(s3.bucket, ['s3:GetObject']);
    expect(await check({}, reader)).toEqual(
      saying('MEDIA_UNREADABLE', /^media\.s3\.accessKeyId: .*s3:ListBucket.*the right s3:ListBucket\.$/),
    );
    const lister = await s3.server.makeUser(s3.bucket, ['s3:ListBucket']);
    expect(await check({}, lister)).toEqual(
      saying(
        'MEDIA_UNREADABLE',
        /^media\.s3\.accessKeyId: .*“a”.*cannot be read\. .*the right s3:GetObject\.$/,
      ),
    );
  });

  test('asks with the worker’s own credentials where it may', async () => {
    await s3.put('a', 'x');
    vi.stubEnv('AWS_ACCESS_KEY_ID', s3.server.keys.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3.server.keys.secretAccessKey);
    expect(await check({}, 'own')).toEqual([]);
    expect(await check({}, 'none')).toHaveLength(1);
    vi.unstubAllEnvs();
  });

  test('names a provider that has trouble', async () => {
    const proxy = await startS3Proxy(s3.server.endpoint, () => ({
      answer: { status: 503, code: 'ServiceUnavailable' },
    }));
    expect(await check({ endpoint: proxy.endpoint })).toEqual(
      saying('MEDIA_UNREADABLE', /^media\.s3\.endpoint: .*has trouble.*Check that it runs/),
    );
    await proxy.stop();
  });

  test('a clock that is off is no obstacle, unless the server insists', async () => {
    await s3.put('a', 'x');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3 * 3_600_000 });
    expect(await check()).toEqual([]);
    const proxy = await startS3Proxy(s3.server.endpoint, () => ({
      answer: { status: 403, code: 'RequestTimeTooSkewed' },
    }));
    expect(await check({ endpoint: proxy.endpoint })).toEqual(
      saying('MEDIA_UNREADABLE', /^media\.s3: .*clocks differ.*Set the clock/),
    );
    await proxy.stop();
  });

  test('never goes to a link-local address', async () => {
    expect(await check({ endpoint: 'http://169.254.213.7' })).toEqual(
      saying('MEDIA_UNREADABLE', /^media\.s3\.endpoint: .*link-local/),
    );
  });
});

async function listen(server: http.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
