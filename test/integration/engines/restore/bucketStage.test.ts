import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packKey } from '#schema/domain';
import { removeArea } from '../../../../workflows/engines/media/restore/bucket/removeArea.js';
import { switchBucket } from '../../../../workflows/engines/media/restore/bucket/switchBucket.js';
import { inBucket } from '../../../../workflows/engines/media/restore/bucket/writableBucket.js';
import { startS3Proxy } from '../../../support/s3Proxy.js';
import { copy, entriesOf, place, put, useMediaBench } from '../mediaBench.js';
import { useRestoredBucket } from './bucketRestoreBench.js';
import { partOf, stage, stagedAt } from './mediaRestoreBench.js';

const bench = useMediaBench();
const bucket = useRestoredBucket(bench);
const never = new AbortController().signal;

test('a folder’s backup is staged beside what is live, which stays as it is, and comes back from the bucket', async () => {
  const large = randomBytes(20_000_000);
  put(bench, 'a/b/deep.txt', 'hello');
  put(bench, 'a-b', 'hello');
  put(bench, 'again', 'hello');
  put(bench, 'Ünï %41+/表.css', 'unicode');
  put(bench, 'empty', '');
  put(bench, 'medium.jpg', randomBytes(3_000_000));
  put(bench, 'large', large);
  put(bench, 'copies/large', large);
  put(bench, Buffer.from([0x6e, 0xff]), 'no UTF-8');
  put(bench, `${'long/'.repeat(199)}name`, 'too long for a key');
  mkdirSync(join(bench.root, 'nothing/at all'), { recursive: true });
  symlinkSync('a-b', join(bench.root, 'link'));
  linkSync(join(bench.root, 'a-b'), join(bench.root, 'second-name'));
  const live = { 'a-b': 'earlier', 'kept.txt': 'kept' };
  await bucket.put(live);
  const staged = await bucket.stage(partOf(await copy(bench)));
  expect(staged.notHeld).toEqual({ symlinks: 1, names: 2 });
  const { live: now, own } = await bucket.look();
  expect(now).toEqual(live);
  expect(own.every((path) => path.startsWith(staged.directory))).toBe(true);
  expect(await bucket.server.uploads(bucket.name)).toEqual([]);
  await switchBucket(bucket.switchOf(staged), never);
  const restored = await bucket.live();
  expect(Object.keys(restored).sort()).toEqual(
    [
      ...['Ünï %41+/表.css', 'a-b', 'a/b/deep.txt', 'again', 'copies/large', 'empty', 'large', 'medium.jpg'],
      ...['nothing/at all/', 'second-name'],
    ].sort(),
  );
  expect(restored['second-name']).toBe('hello');
  for (const path of ['large', 'copies/large', 'medium.jpg', 'a/b/deep.txt']) {
    const bytes = readFileSync(join(bench.root, path));
    expect(Buffer.from(restored[path] ?? '', 'latin1').equals(bytes), path).toBe(true);
  }
  const copied = await bucket.backUp('again');
  expect((await entriesOf(bench, copied)).map(({ path }) => path)).not.toContain('.holdfast-old-restore1');
  await stage(bench, partOf(copied));
  expect(readFileSync(join(stagedAt(bench), 'copies/large')).equals(large)).toBe(true);
  expect(readFileSync(join(stagedAt(bench), 'Ünï %41+/表.css'), 'utf8')).toBe('unicode');
});

test.each([100, 3_000_000, 20_000_000])(
  'every file whose own name fits is there, whichever other names its content has (%d bytes)',
  async (size) => {
    const [equal, linked, alone] = [randomBytes(size), randomBytes(size), randomBytes(size)];
    put(bench, 'a.bin', equal);
    put(bench, Buffer.from('z\xff', 'latin1'), equal);
    put(bench, Buffer.from('h\xff', 'latin1'), linked);
    const inRoot = (name: string) =>
      Buffer.concat([Buffer.from(`${bench.root}/`), Buffer.from(name, 'latin1')]);
    linkSync(inRoot('h\xff'), inRoot('z-link'));
    linkSync(inRoot('h\xff'), inRoot('z-l\xff'));
    put(bench, Buffer.from('lone\xff', 'latin1'), alone);
    const staged = await bucket.stage(partOf(await copy(bench)));
    expect(staged.notHeld).toEqual({ symlinks: 0, names: 4 });
    expect((await bucket.look()).own.sort()).toEqual([
      `${staged.directory}a.bin`,
      `${staged.directory}z-link`,
    ]);
    expect(await bucket.server.uploads(bucket.name)).toEqual([]);
    await switchBucket(bucket.switchOf(staged), never);
    const live = await bucket.live();
    expect(Object.keys(live).sort()).toEqual(['a.bin', 'z-link']);
    expect(Buffer.from(live['a.bin'] ?? '', 'latin1').equals(equal)).toBe(true);
    expect(Buffer.from(live['z-link'] ?? '', 'latin1').equals(linked)).toBe(true);
  },
);

test('a bucket that loses what is staged fails the staging, which leaves nothing', async () => {
  put(bench, 'a', 'one');
  put(bench, 'b', 'two');
  const proxy = await startS3Proxy(bucket.server.endpoint, ({ operation, key }) =>
    operation === 'PutObject' && key.endsWith('/b') ? { by: async () => ({ etag: '"x"' }) } : {},
  );
  bucket.proxies.push(proxy);
  const part = partOf(await copy(bench));
  await expect(
    bucket.stage(part, 'restore1', bucket.address({ endpoint: proxy.endpoint })),
  ).rejects.toMatchObject({ code: 'MEDIA_RESTORE_FAILED', message: expect.stringContaining('1 ') });
  expect(await bucket.server.objects(bucket.name)).toEqual([]);
});

test('an object keeps what the live one of its name has beside its content; else its name tells its type', async () => {
  put(bench, 'known', 'new');
  put(bench, 'page.html', 'new');
  const Key = `${bucket.prefix}known`;
  const headers = { ContentType: 'text/x-own', CacheControl: 'max-age=60', Metadata: { owner: 'shop' } };
  await bucket.server.client.send(new PutObjectCommand({ Bucket: bucket.name, Key, Body: 'x', ...headers }));
  await switchBucket(await bucket.stageCopy(await copy(bench)), never);
  const head = (path: string) =>
    bucket.server.client.send(new HeadObjectCommand({ Bucket: bucket.name, Key: bucket.prefix + path }));
  expect(await head('known')).toMatchObject(headers);
  expect(await head('page.html')).toMatchObject({ ContentType: 'text/html' });
});

test.each([
  ['s3:PutObject', ['s3:ListBucket', 's3:GetObject', 's3:DeleteObject']],
  ['s3:DeleteObject', ['s3:ListBucket', 's3:GetObject', 's3:PutObject']],
])('without the right %s nothing is staged, and it is named', async (right, actions) => {
  put(bench, 'a', 'new');
  await bucket.put({ a: 'live' });
  const keys = await bucket.server.makeUser(bucket.name, actions);
  await expect(
    bucket.stage(partOf(await copy(bench)), 'restore1', bucket.address({}, keys)),
  ).rejects.toMatchObject({
    code: 'MEDIA_RESTORE_FAILED',
    message: expect.stringContaining(right),
    remedy: expect.stringContaining(right),
  });
  expect(await bucket.live()).toEqual({ a: 'live' });
});

test('a content that is not what was written fails the staging, and leaves nothing', async () => {
  put(bench, 'a', randomBytes(100_000));
  put(bench, 'b', randomBytes(12_000_000));
  const copied = await copy(bench);
  const pack = packKey(place, copied.packs[0]?.id ?? '');
  const storage = Object.create(bench.storage) as typeof bench.storage;
  storage.read = async (key, range) => {
    const stream = await bench.storage.read(key, range);
    if (key !== pack || !stream) return stream;
    return stream.map((chunk: Buffer) =>
      Buffer.from(chunk.map((byte, at) => (at % 4096 === 9 ? byte ^ 1 : byte))),
    );
  };
  const broken = { ...bench, storage };
  const target = {
    in: 'bucket' as const,
    address: bucket.address(),
    patienceMs: 5_000,
    area: '.holdfast-restore-x-y/',
  };
  await expect(stage(broken, partOf(copied), { target })).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  expect(await bucket.server.objects(bucket.name)).toEqual([]);
  expect(await bucket.server.uploads(bucket.name)).toEqual([]);
});

test('only what restores have made is ever removed as a whole', async () => {
  await bucket.put({
    a: 'live',
    '.holdfast-restore-1-x/a': 'staged',
    '.holdfast-restore-1-y/b/': '',
    '.holdfast-restore-2-x/a': 'other',
  });
  await inBucket({ address: bucket.address(), patienceMs: 0 }, never, async (open) => {
    await removeArea(open, '.holdfast-restore-1-', () => undefined);
    await expect(removeArea(open, 'a', () => undefined)).rejects.toThrow(TypeError);
    await expect(removeArea(open, '', () => undefined)).rejects.toThrow(TypeError);
  });
  expect(await bucket.look()).toEqual({ live: { a: 'live' }, own: ['.holdfast-restore-2-x/a'] });
});
