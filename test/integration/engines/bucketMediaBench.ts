import { DeleteObjectCommand, PutBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { bucketSource } from '../../../workflows/engines/media/bucket/bucketSource.js';
import type { BucketAddress } from '../../../workflows/engines/media/bucket/openMediaClient.js';
import type { MediaSource } from '../../../workflows/engines/media/source.js';
import { startS3Proxy, type S3Call, type S3Fate, type S3Proxy } from '../../support/s3Proxy.js';
import { S3Server } from '../../support/s3Server.js';

/** A real S3 server, and a bucket with media of each test’s own. */
export interface BucketBench {
  server: S3Server;
  bucket: string;
  /** Puts an object below the prefix. */
  put(key: string, bytes: string | Buffer): Promise<void>;
  remove(key: string): Promise<void>;
  address(changes?: Partial<BucketAddress['place']>, keys?: BucketAddress['keys']): BucketAddress;
  source(changes?: Partial<BucketAddress['place']>, keys?: BucketAddress['keys']): MediaSource;
  /** The source behind a proxy that decides on each call; keys without the prefix. */
  behind(fate: (call: S3Call) => S3Fate | Promise<S3Fate>): Promise<MediaSource & { calls: string[] }>;
  /** The source as if its bucket listed these keys. */
  listing(keys: ListedKey[], isEncoded: boolean): Promise<MediaSource>;
  /** Lets everybody do this in the bucket, e.g. `s3:GetObject`. */
  letEverybody(actions: string[]): Promise<void>;
}

const prefix = 'up loads/é/';

/** How long what is away is waited for: less than a test may take. */
const patienceMs = 30_000;

/** Sets up a server for the file and a fresh bucket for each test. */
export function useBucketBench(): BucketBench {
  const proxies: S3Proxy[] = [];
  const bench: BucketBench = {
    server: undefined as unknown as S3Server,
    bucket: '',
    async put(key, bytes) {
      await bench.server.client.send(
        new PutObjectCommand({ Bucket: bench.bucket, Key: prefix + key, Body: bytes }),
      );
    },
    async remove(key) {
      await bench.server.client.send(new DeleteObjectCommand({ Bucket: bench.bucket, Key: prefix + key }));
    },
    address(changes = {}, keys = bench.server.keys) {
      const { bucket, server } = bench;
      return { place: { bucket, prefix, endpoint: server.endpoint, region: null, ...changes }, keys };
    },
    source: (changes, keys) => bucketSource(bench.address(changes, keys), patienceMs),
    async behind(fate) {
      const proxy = await startS3Proxy(bench.server.endpoint, (call) =>
        fate({ ...call, key: call.key.slice(prefix.length) }),
      );
      proxies.push(proxy);
      return { ...bench.source({ endpoint: proxy.endpoint }), calls: proxy.calls };
    },
    async listing(keys, isEncoded) {
      const lister = await startLister(bench.server.endpoint, keys, isEncoded);
      proxies.push(lister);
      return bench.source({ endpoint: lister.endpoint });
    },
    async letEverybody(actions) {
      const { bucket } = bench;
      const statement = {
        Effect: 'Allow',
        Principal: '*',
        Action: actions,
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
      };
      const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      await bench.server.client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
    },
  };
  beforeAll(async () => {
    bench.server = await S3Server.start();
  });
  beforeEach(async () => {
    bench.bucket = await bench.server.makeBucket();
  });
  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.stop();
  });
  afterAll(() => bench.server.remove());
  return bench;
}

/** Does something for each, several at once. */
export async function forEach<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const item of left) await work(item);
    }),
  );
}

/** A key as a listing tells of it. */
export interface ListedKey {
  key: string;
  size: number;
  etag: string;
}

/** Stands in front of a server, lists keys that this one cannot hold, and passes all else on. */
async function startLister(target: string, keys: ListedKey[], isEncoded: boolean): Promise<S3Proxy> {
  const server = http.createServer((request, response) => {
    if (request.url?.includes('list-type=2')) {
      response.writeHead(200, { 'content-type': 'application/xml' }).end(listingOf(keys, isEncoded));
      return;
    }
    const { method, headers } = request;
    const onward = http.request(target + (request.url ?? ''), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listingOf(keys: ListedKey[], isEncoded: boolean): string {
  const contents = keys.map(({ key, size, etag }) => {
    const name = isEncoded ? encodeURIComponent(prefix + key).replaceAll('%20', '+') : prefix + key;
    return `<Contents><Key>${name}</Key><Size>${size}</Size><ETag>${etag}</ETag><LastModified>2024-01-01T00:00:00.000Z</LastModified></Contents>`;
  });
  const encoding = isEncoded ? '<EncodingType>url</EncodingType>' : '';
  return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${encoding}<IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`;
}
