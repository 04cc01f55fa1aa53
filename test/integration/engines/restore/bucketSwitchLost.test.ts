import { expect, test } from 'vitest';
import { copyObject } from '../../../../workflows/engines/media/restore/bucket/copyObject.js';
import { requestsAtOnce } from '../../../../workflows/engines/media/restore/bucket/sideBySide.js';
import {
  isBucketSwitched,
  switchBackBucket,
  switchBucket,
} from '../../../../workflows/engines/media/restore/bucket/switchBucket.js';
import { inBucket } from '../../../../workflows/engines/media/restore/bucket/writableBucket.js';
import { tendMediaInThread } from '../../../../workflows/engines/media/restore/tendMediaInThread.js';
import { useMediaBench } from '../mediaBench.js';
import { after, before, useRestoredBucket, type Objects } from './bucketRestoreBench.js';

const bench = useMediaBench();
const bucket = useRestoredBucket(bench);
const never = new AbortController().signal;
const steps = () => undefined;

/** Live objects enough for every request that may be under way at once. */
const many: Objects = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`many/${at}`, 'old']));

test.each([
  ['the copies of what is live', /^PutObject \.holdfast-old-[^/]*\//, requestsAtOnce],
  ['what goes live', /^PutObject [^.]/, Object.keys(after).length],
  ['the deletions', /^DeleteObject many/, requestsAtOnce],
])('aborted amid %s it asks for nothing more, and the next call converges', async (_, held, underWay) => {
  const order = await bucket.stageAfter();
  await bucket.put(many);
  for (const next of ['forward', 'back']) {
    const halt = new AbortController();
    let arrived = 0;
    // Once all that may be under way is: they never come to anything.
    const cut = await bucket.watch(order, (change) => {
      if (!held.test(change)) return;
      arrived += 1;
      if (arrived === underWay) halt.abort(new Error('lost'));
      return new Promise(() => undefined);
    });
    let atAbort = 0;
    halt.signal.addEventListener('abort', () => (atAbort = cut.calls.length));
    await expect(switchBucket(cut, halt.signal)).rejects.toThrow('lost');
    expect(cut.calls.length).toBe(atAbort);
    expect(await isBucketSwitched(order, never)).toBe(false);
    if (next === 'forward') {
      await switchBucket(order, never);
      expect(await bucket.live()).toEqual(after);
    }
    await switchBackBucket(order, never);
    expect(await bucket.live()).toEqual({ ...before, ...many });
  }
});

test('where it may no longer act nothing is deleted and nothing is written down', async () => {
  const order = await bucket.stageAfter();
  for (let last = 1, isRefused = true; isRefused; last += 1) {
    let asked = 0;
    const afterRefusal: string[] = [];
    const watched = await bucket.watch(order, (change) => void (asked >= last && afterRefusal.push(change)));
    const mayAct = async () => {
      if ((asked += 1) >= last) throw new Error('lost');
    };
    isRefused = await switchBucket(watched, never, mayAct).then(
      () => false,
      () => true,
    );
    expect(afterRefusal).toEqual([]);
    if (!isRefused) expect(last).toBeGreaterThan(4);
    asked = 0;
    const isBackRefused = await switchBackBucket(watched, never, mayAct).then(
      () => false,
      () => true,
    );
    expect(afterRefusal).toEqual([]);
    if (isBackRefused) await switchBackBucket(order, never);
    expect(await bucket.live()).toEqual(before);
  }
}, 120_000);

test('what an attempt that has ended still had under way does no harm to the way back', async () => {
  const order = await bucket.stageAfter();
  const halt = new AbortController();
  let arrived = 0;
  const first = await bucket.watch(order, (change) => {
    if (!/^PutObject [^.]/.test(change)) return;
    arrived += 1;
    if (arrived === Object.keys(after).length) halt.abort(new Error('lost'));
    return new Promise(() => undefined);
  });
  await expect(switchBucket(first, halt.signal)).rejects.toThrow('lost');
  let isLate = false;
  const second = await bucket.watch(order, async (change) => {
    if (isLate || change !== 'DeleteObject nothing/') return;
    isLate = true;
    await inBucket(order, never, async (open) => {
      for (const to of ['changed.txt', 'new/only.txt'])
        await copyObject(open, { from: order.staged + to, to, size: 3, onStep: steps });
    });
  });
  await switchBackBucket(second, never);
  expect(isLate).toBe(true);
  const { live, own } = await bucket.look();
  expect(live).toEqual(before);
  expect(own.every((path) => path.startsWith(order.staged))).toBe(true);
});

test('as long as somebody else changes what is put back, what was kept stays', async () => {
  const order = await bucket.stageAfter();
  await switchBucket(order, never);
  const watched = await bucket.watch(order, async (change) => {
    if (change === 'DeleteObject was') await bucket.put({ 'same.txt': 'of another size' });
    if (change === 'DeleteObject nothing/') await bucket.put({ 'changed.txt': 'of another size' });
  });
  await expect(switchBackBucket(watched, never)).rejects.toMatchObject({ code: 'MEDIA_RESTORE_FAILED' });
  expect((await bucket.look()).own).toContain(`${order.old}changed.txt`);
  await switchBackBucket(order, never);
  expect(await bucket.live()).toEqual(before);
});

test('a way back that nobody disturbs copies each object once', async () => {
  const order = await bucket.stageAfter();
  await switchBucket(order, never);
  const changes: string[] = [];
  await switchBackBucket(await bucket.watch(order, (change) => void changes.push(change)), never);
  expect(changes.filter((change) => change === 'PutObject changed.txt')).toHaveLength(1);
});

test('in a thread it asks as well, and hears that the right is lost', async () => {
  const order = await bucket.stageAfter();
  const tools = { storage: bench.storage, stallMs: 30_000 };
  const tend = (areas: typeof order, signal: AbortSignal, mayAct: () => Promise<void>) =>
    tendMediaInThread({ do: 'switchBucket', areas }, { ...tools, signal, mayAct });
  let asked = 0;
  const refuse = async () => {
    if ((asked += 1) > 2) throw new Error('no longer');
  };
  await expect(tend(order, never, refuse)).rejects.toThrow('no longer');
  expect(await bucket.live()).toEqual(before);
  const halt = new AbortController();
  const cut = await bucket.watch(order, (change) => {
    if (!/^PutObject [^.]/.test(change)) return;
    halt.abort(new Error('lost'));
    return new Promise(() => undefined);
  });
  await expect(tend(cut, halt.signal, async () => undefined)).rejects.toThrow('lost');
  expect(await tend(order, never, async () => undefined)).toBe('switched');
  expect(await bucket.live()).toEqual(after);
});
