import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { useBucketBench } from './bucketMediaBench.js';
import { until } from '../../support/until.js';
import { contentsIn, contentsOf, copy, entriesOf, sha256, useMediaBench } from './mediaBench.js';
import { MediaHistory, packsOf } from './mediaHistory.js';
import { keysOf } from './storage.suite.js';

const bench = useMediaBench();
const s3 = useBucketBench();
const small = (text: string) => Buffer.from(text);
const large = () => randomBytes(6_000_000);

/** Something that is done once only. */
function once(deed: () => Promise<void>): () => Promise<void> {
  let done = false;
  return async () => {
    if (done) return;
    done = true;
    await deed();
  };
}

describe('a bucket that changes meanwhile', () => {
  test.each([
    ['small', small('before'), small('after, and longer')],
    ['large', large(), large()],
    ['large, and then small', large(), small('after')],
  ])('an object that is replaced once is read anew: %s', async (_, before, after) => {
    await s3.put('a', before);
    await s3.put('b', 'beside');
    const replace = once(() => s3.put('a', after));
    const source = await s3.behind(async ({ operation, key }) => {
      if (operation === 'GetObject' && key === 'a') await replace();
      return {};
    });
    const copied = await copy(bench, { source });
    expect(copied.warnings).toEqual([]);
    expect((await entriesOf(bench, copied))[0]).toMatchObject({
      path: 'a',
      size: after.length,
      sha256: sha256(after),
    });
    expect((await contentsOf(bench, copied)).get(sha256(after))?.equals(after)).toBe(true);
  });

  test('an object that is replaced while the connection is cut is not put together out of two', async () => {
    const after = large();
    await s3.put('a', large());
    let reads = 0;
    const replace = once(() => s3.put('a', after));
    const source = await s3.behind(async ({ operation, headers }) => {
      if (operation !== 'GetObject') return {};
      if (headers.range) await replace();
      return (reads += 1) === 1 ? { cutAnswerAfter: 2_000_000 } : {};
    });
    const copied = await copy(bench, { source });
    expect(copied.warnings).toEqual([]);
    expect((await entriesOf(bench, copied))[0]).toMatchObject({ sha256: sha256(after) });
    await contentsOf(bench, copied);
  });

  test('an object that is replaced each time is listed, and the rest is kept', async () => {
    await s3.put('a', 'first');
    await s3.put('b', 'after');
    const source = await s3.behind(async ({ operation, key }) => {
      if (operation === 'GetObject' && key === 'a') await s3.put('a', randomBytes(5));
      return {};
    });
    const copied = await copy(bench, { source });
    expect(copied.warnings).toEqual([
      { code: 'MEDIA_FILE_CHANGED', message: expect.stringContaining('“a”') },
    ]);
    expect(copied).toMatchObject({ files: 1, size: 5 });
  });

  test('an object that vanishes is listed', async () => {
    await s3.put('a', 'a');
    await s3.put('b', 'b');
    const source = await s3.behind(async ({ operation, key }) => {
      if (operation === 'GetObject' && key === 'a') await s3.remove('a');
      return {};
    });
    const copied = await copy(bench, { source });
    expect(copied.warnings.map(({ code }) => code)).toEqual(['MEDIA_FILE_VANISHED']);
    expect((await entriesOf(bench, copied))[0]).toMatchObject({
      path: 'a',
      problem: 'vanished while the bucket was read',
    });
  });

  test('an object that may not be read is listed; if none may, that is a failure', async () => {
    await s3.put('a', 'a');
    await s3.put('b', 'b');
    const source = await s3.behind(({ key, operation }) =>
      operation === 'GetObject' && key === 'a' ? { answer: { status: 403, code: 'AccessDenied' } } : {},
    );
    const copied = await copy(bench, { source });
    expect(copied.warnings).toEqual([
      { code: 'MEDIA_FILE_UNREADABLE', message: expect.stringMatching(/let the owner of the keys read/) },
    ]);
    expect((await entriesOf(bench, copied))[0]).toMatchObject({ problem: 'cannot be read (AccessDenied)' });
    const keys = await s3.server.makeUser(s3.bucket, ['s3:ListBucket']);
    await expect(copy(bench, { source: s3.source({}, keys) })).rejects.toMatchObject({
      code: 'MEDIA_UNREADABLE',
      remedy: expect.stringContaining('s3:GetObject'),
    });
  });
});

describe('a way to the bucket that breaks', () => {
  test('in the midst of objects: they are read on from there', async () => {
    const [bytes, little] = [large(), randomBytes(500_000)];
    await s3.put('a', bytes);
    await s3.put('b', little);
    const cutAt: number[] = [];
    const source = await s3.behind(({ operation, key, headers }) => {
      if (operation !== 'GetObject' || (key === 'b' && headers.range)) return {};
      cutAt.push(Number(/\d+/.exec(headers.range ?? '0')?.[0]));
      return { cutAnswerAfter: key === 'a' ? 2_500_000 : 100_000 };
    });
    const copied = await copy(bench, { source });
    expect(copied).toMatchObject({ warnings: [], size: 6_500_000 });
    const contents = await contentsOf(bench, copied);
    expect(contents.get(sha256(bytes))?.equals(bytes)).toBe(true);
    expect(contents.get(sha256(little))?.equals(little)).toBe(true);
    expect(cutAt.filter((from) => from > 0).length).toBeGreaterThanOrEqual(2);
  });

  test('a server that dies and comes back is waited for', async () => {
    for (let i = 0; i < 300; i += 1) await s3.put(`f${i}`, randomBytes(1_000));
    let reads = 0;
    const restart = once(async () => {
      await s3.server.kill();
      setTimeout(() => void s3.server.launch(), 1_500);
    });
    const source = await s3.behind(async ({ operation }) => {
      if (operation === 'GetObject' && (reads += 1) > 100) await restart();
      return {};
    });
    const copied = await copy(bench, { source });
    expect(copied).toMatchObject({ warnings: [], files: 300 });
    await contentsOf(bench, copied);
  });

  test.each([
    [404, 'NoSuchBucket', 'MEDIA_NOT_FOUND'],
    [403, 'InvalidAccessKeyId', 'MEDIA_UNREADABLE'],
    [403, 'SignatureDoesNotMatch', 'MEDIA_UNREADABLE'],
  ])('%i %s in the midst is a failure that leaves nothing', async (status, code, failure) => {
    for (let i = 0; i < 200; i += 1) await s3.put(`f${i}`, `${i}`);
    let reads = 0;
    const source = await s3.behind(({ operation }) =>
      operation === 'GetObject' && (reads += 1) > 150 ? { answer: { status, code } } : {},
    );
    await expect(copy(bench, { source })).rejects.toMatchObject({
      code: failure,
      message: expect.stringContaining(s3.bucket),
    });
    expect(await keysOf(bench.storage, '')).toEqual([]);
  });

  test('an abort and a standstill are heard', async () => {
    await s3.put('a', 'a');
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const never = await s3.behind(({ operation }) => {
      if (operation !== 'GetObject') return {};
      controller.abort(reason);
      return new Promise(() => undefined);
    });
    await expect(copy(bench, { source: never, signal: controller.signal })).rejects.toBe(reason);
    await expect(copy(bench, { source: never, stallMs: 500 })).rejects.toMatchObject({
      code: 'STALLED',
      message: expect.stringContaining(s3.bucket),
    });
    expect(await keysOf(bench.storage, '')).toEqual([]);
  });
});

describe('a second copy of a bucket', () => {
  /** A backup of objects that lie there for a while already. */
  async function first(): Promise<MediaHistory> {
    for (const key of ['a', 'b/c', 'd']) await s3.put(key, `${key} at first`);
    await s3.put('large', large());
    const putAt = Date.now();
    await until('the objects are settled', 30_000, async () => Date.now() - putAt > 3_200);
    const history = new MediaHistory(bench);
    await history.backUp({ source: s3.source() });
    return history;
  }

  test('gets only what changed', async () => {
    const history = await first();
    await s3.put('b/c', 'b/c changed');
    await s3.put('e', 'new');
    await s3.remove('d');
    const counted = await s3.behind(() => ({}));
    // The same bucket by another way.
    const source = { ...counted, id: s3.source().id };
    const second = await history.backUp({ source });
    expect(counted.calls.filter((call) => call === 'GetObject')).toHaveLength(2);
    expect(second).toMatchObject({ files: 4, warnings: [], packs: [{ objects: 2 }] });
    const contents = await contentsIn(bench, packsOf(second));
    for (const { type, sha256: hash = '' } of await entriesOf(bench, second)) {
      if (type === 'file') expect(contents.has(hash)).toBe(true);
    }
    await history.requireExplained();
  });

  test('in which nothing new may be read is no failure, because the rest is known', async () => {
    const history = await first();
    await s3.put('e', 'new');
    const source = await s3.behind(({ operation }) =>
      operation === 'GetObject' ? { answer: { status: 403, code: 'AccessDenied' } } : {},
    );
    const second = await history.backUp({ source: { ...source, id: s3.source().id } });
    expect(second).toMatchObject({ files: 4, warnings: [{ code: 'MEDIA_FILE_UNREADABLE' }] });
  });
});
