import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { forEach, useBucketBench } from './bucketMediaBench.js';
import { contentsOf, copy, entriesOf, put, sha256, useMediaBench } from './mediaBench.js';
import { keysOf } from './storage.suite.js';

const bench = useMediaBench();
const s3 = useBucketBench();

describe('a copy of a bucket with media', () => {
  test('holds what the same folder would, but for modes and times', async () => {
    const files: Array<[string, Buffer]> = [
      ['a-b', Buffer.from('hello')],
      ['a/0', Buffer.from('zero')],
      ['a/b/deep.txt', Buffer.from('hello')],
      ['empty', Buffer.alloc(0)],
      ['Ünïcødé/表 +%41.txt', Buffer.from('unicode')],
      ['line\nfeed "quoted" <&>', Buffer.from('names')],
      ['medium', randomBytes(3_000_000)],
      ['large', randomBytes(9_000_000)],
    ];
    for (const [path, bytes] of files) {
      put(bench, path, bytes);
      await s3.put(path, bytes);
    }
    mkdirSync(join(bench.root, 'nothing'));
    await s3.put('nothing/', '');
    const ofFolder = await entriesOf(bench, await copy(bench));
    const copied = await copy(bench, { source: s3.source() });
    const ofBucket = await entriesOf(bench, copied);
    const timeless = (entries: typeof ofFolder) =>
      entries.map((entry) => ({ ...entry, mtime: '', mode: '' }));
    expect(timeless(ofBucket)).toEqual(timeless(ofFolder));
    expect(copied).toMatchObject({ files: files.length, warnings: [] });
    const contents = await contentsOf(bench, copied);
    for (const [, bytes] of files) expect(contents.get(sha256(bytes))?.equals(bytes)).toBe(true);
    const { LastModified } = await s3.server.client.send(
      new HeadObjectCommand({ Bucket: s3.bucket, Key: `${s3.address().place.prefix}a-b` }),
    );
    const by = new Map(ofBucket.map((entry) => [entry.path, entry]));
    expect(by.get('a-b')?.mode).toBe('0644');
    expect(by.get('a-b')?.mtime.slice(0, 19)).toBe(LastModified?.toISOString().slice(0, 19));
    expect(by.get('a')).toMatchObject({ mode: '0755', mtime: '1970-01-01T00:00:00.000000000Z' });
    expect(by.get('nothing')?.mtime).toMatch(/^20/);
  });

  test.each([true, false])('lists keys that no folder can hold (encoded: %s)', async (isEncoded) => {
    for (const key of ['both', 'both-', 'fine']) await s3.put(key, key);
    const odd = ['a//b', '../up', 'a/./b', 'end/', 'both/below'];
    const keys = [...odd, ...(isEncoded ? ['control\u0001'] : [])].map((key) => ({
      key,
      size: 1,
      etag: 'x',
    }));
    for (const key of ['both', 'fine']) {
      keys.push({ key, size: key.length, etag: '' });
    }
    const source = await s3.listing(keys, isEncoded);
    const copied = await copy(bench, { source });
    const entries = await entriesOf(bench, copied);
    expect(entries.map(({ path, problem, type }) => [path, problem ?? type])).toEqual([
      ['../up', 'has “.” or “..” as a name'],
      ['a/./b', 'has “.” or “..” as a name'],
      ['a//b', 'has an empty name between its slashes'],
      ['both', 'directory'],
      ['both', 'is the name of a folder as well'],
      ['both/below', 'vanished while the bucket was read'],
      ...(isEncoded ? [['control\u0001', 'vanished while the bucket was read']] : []),
      ['end/', 'ends in “/” although it has content'],
      ['fine', 'file'],
    ]);
    expect(copied.warnings.map(({ code }) => code)).toEqual(['MEDIA_FILE_NAME', 'MEDIA_FILE_VANISHED']);
  });

  test('reads many small objects side by side, each once', async () => {
    const keys = Array.from({ length: 5_000 }, (_, index) => `${index % 70}/${index}.txt`);
    await s3.letEverybody(['s3:PutObject']);
    const folder = `${s3.server.endpoint}/${s3.bucket}/${encodeURI(s3.address().place.prefix)}`;
    await forEach(keys, async (key) => {
      const { status } = await fetch(folder + key, { method: 'PUT', body: key });
      expect(status).toBe(200);
    });
    const underWay = { now: 0, most: 0 };
    const source = await s3.behind(async ({ operation }) => {
      if (operation !== 'GetObject') return {};
      underWay.now += 1;
      underWay.most = Math.max(underWay.most, underWay.now);
      await new Promise((resolve) => setTimeout(resolve, 20));
      underWay.now -= 1;
      return {};
    });
    const copied = await copy(bench, { source });
    expect(copied).toMatchObject({ files: 5_000, entries: 5_070, warnings: [] });
    expect((await contentsOf(bench, copied)).size).toBe(5_000);
    await entriesOf(bench, copied);
    expect(underWay.most).toBeGreaterThanOrEqual(32);
    const count = (operation: string) => source.calls.filter((each) => each === operation).length;
    expect([count('ListObjectsV2'), count('GetObject'), count('HeadObject')]).toEqual([5, 5_000, 0]);
  }, 300_000);

  test('holds little of a large object in memory', async () => {
    const mebibyte = 1024 * 1024;
    const [size, piece] = [600 * mebibyte, randomBytes(mebibyte)];
    const body = Readable.from(
      (function* () {
        for (let done = 0; done < size; done += mebibyte) yield piece;
      })(),
    );
    await s3.server.client.send(
      new PutObjectCommand({
        Bucket: s3.bucket,
        Key: `${s3.address().place.prefix}large`,
        Body: body,
        ContentLength: size,
      }),
    );
    const held = () => process.memoryUsage().arrayBuffers / mebibyte;
    const before = held();
    let most = 0;
    const copied = await copy(bench, {
      source: s3.source(),
      onProgress: () => (most = Math.max(most, held() - before)),
    });
    expect(copied).toMatchObject({ size, files: 1, warnings: [] });
    expect(most).toBeLessThan(150);
    process.stdout.write(`a large object: at most ${Math.round(most)} MiB more in memory\n`);
  });

  test('tells of its progress in bytes of the source', async () => {
    for (let i = 0; i < 10; i += 1) await s3.put(`f${i}`, randomBytes(100_000));
    const seen: Array<{ doneBytes: number; totalBytes: number | null }> = [];
    await copy(bench, { source: s3.source(), onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toEqual({ doneBytes: 0, totalBytes: null });
    expect(seen.at(-1)).toEqual({ doneBytes: 1_000_000, totalBytes: 1_000_000 });
  });

  test('needs no keys where everybody may read, and says so where not', async () => {
    await s3.put('a', 'public');
    await expect(copy(bench, { source: s3.source({}, 'none') })).rejects.toMatchObject({
      code: 'MEDIA_UNREADABLE',
      message: expect.stringMatching(/does not allow s3:ListBucket to everybody, and there are no keys/),
      remedy: expect.stringMatching(/^Give the keys/),
    });
    await s3.letEverybody(['s3:ListBucket', 's3:GetObject']);
    expect(await copy(bench, { source: s3.source({}, 'none') })).toMatchObject({ files: 1, warnings: [] });
  });

  test('of an empty bucket is empty; a prefix with nothing below is a missing folder', async () => {
    expect(await copy(bench, { source: s3.source({ prefix: '' }) })).toMatchObject({ entries: 0 });
    await expect(copy(bench, { source: s3.source() })).rejects.toMatchObject({
      code: 'MEDIA_NOT_FOUND',
      message: expect.stringContaining(`“${s3.bucket}/up loads/é/”`),
    });
    await s3.put('', '');
    await copy(bench, { source: s3.source() });
    // Manifest and scan list.
    expect((await keysOf(bench.storage, '')).length).toBe(2);
  });
});
