import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAnyState } from '../../../../workflows/engines/media/restore/bucket/bucketJournal.js';
import { inTheWay, onlyLeaving } from '../../../../workflows/engines/media/restore/bucket/compareAreas.js';
import { deleteObject } from '../../../../workflows/engines/media/restore/bucket/objects.js';
import { removeReplaced } from '../../../../workflows/engines/media/restore/bucket/removeArea.js';
import {
  isBucketSwitched,
  switchBackBucket,
  switchBucket,
} from '../../../../workflows/engines/media/restore/bucket/switchBucket.js';
import { inBucket } from '../../../../workflows/engines/media/restore/bucket/writableBucket.js';
import { copy, put, useMediaBench } from '../mediaBench.js';
import { after, before, useRestoredBucket } from './bucketRestoreBench.js';

const bench = useMediaBench();
const bucket = useRestoredBucket(bench);
const never = new AbortController().signal;
const steps = () => undefined;

const drop = (area: string) =>
  inBucket({ address: bucket.address(), patienceMs: 0 }, never, (open) => removeReplaced(open, area, steps));

test.each(['up loads/é/', ''])('switches, keeps what it replaced, and back (prefix “%s”)', async (prefix) => {
  bucket.prefix = prefix;
  const order = await bucket.stageAfter();
  expect(await bucket.live()).toEqual(before);
  const watched = await bucket.cutOff(order, Number.POSITIVE_INFINITY);
  expect(await switchBucket(watched, never)).toBe('switched');
  expect(await bucket.live()).toEqual(after);
  expect(await isBucketSwitched(order, never)).toBe(true);
  expect(await switchBucket(order, never)).toBe('already');
  // Deletions come last, but for those that stand in the way of what comes.
  const live = watched.changes.filter((change) => !change.includes('.holdfast-'));
  const first = live.findLastIndex((change) => !change.startsWith('DeleteObject')) + 1;
  const last = ['was/a/folder', 'was-file', 'old/inner/only.txt', 'old/'];
  expect(live.slice(first).sort()).toEqual(last.map((path) => `DeleteObject ${path}`).sort());
  const early = live.slice(0, first).filter((change) => change.startsWith('DeleteObject'));
  expect(early.sort()).toEqual(['DeleteObject was-file', 'DeleteObject was/a/folder']);

  // An undo is a switch to what was kept.
  await drop(order.staged);
  const state = await inBucket(order, never, (open) => readAnyState(open, order.old));
  const undo = { ...order, staged: order.old, old: '.holdfast-old-undo/', stagedIno: state?.kept ?? '' };
  await switchBucket(undo, never);
  await drop(undo.staged);
  expect(await bucket.live()).toEqual(before);
  await drop(undo.old);
  expect((await bucket.look()).own).toEqual([]);
});

test('onto an empty place, and back to it; an empty backup leaves a prefix that is there', async () => {
  put(bench, 'a', 'new');
  const order = await bucket.stageCopy(await copy(bench));
  await switchBucket(order, never);
  expect(await bucket.live()).toEqual({ a: 'new' });
  await switchBackBucket(order, never);
  expect(await bucket.look()).toEqual({ live: { '': '' }, own: [expect.stringMatching(/\/a$/)] });
  await drop(order.staged);
  await bucket.put({ b: 'live' });
  rmSync(`${bench.root}/a`);
  await switchBucket(await bucket.stageCopy(await copy(bench)), never);
  expect(await bucket.live()).toEqual({ '': '' });
  expect((await bucket.backUp('empty')).files).toBe(0);
});

test('cut off anywhere, it is gone on with or taken back; so is the taking back', async () => {
  const order = await bucket.stageAfter();
  for (let from = 1, isCut = true; isCut; from += 1) {
    const cut = await bucket.cutOff(order, from);
    isCut = await switchBucket(cut, never).then(
      () => false,
      () => true,
    );
    expect(await isBucketSwitched(order, never)).toBe(!isCut);
    if (from % 2 === 0) {
      await switchBucket(order, never);
      expect(await bucket.live(), `gone on with after ${from}`).toEqual(after);
    }
    for (let back = 1, isBackCut = true; isBackCut; back += 3) {
      const cutBack = await bucket.cutOff(order, back);
      isBackCut = await switchBackBucket(cutBack, never).then(
        () => false,
        () => true,
      );
    }
    expect(await bucket.live(), `taken back after ${from}`).toEqual(before);
    expect((await bucket.look()).own.every((path) => path.startsWith(order.staged))).toBe(true);
  }
}, 300_000);

test('a taking back that was cut off can be turned round', async () => {
  const order = await bucket.stageAfter();
  for (let from = 1, isCut = true; isCut; from += 2) {
    await switchBucket(await bucket.cutOff(order, 14), never).catch(() => undefined);
    const cut = await bucket.cutOff(order, from);
    isCut = await switchBackBucket(cut, never).then(
      () => false,
      () => true,
    );
    if (isCut) {
      await switchBucket(order, never);
      expect(await bucket.live(), `after ${from}`).toEqual(after);
      await switchBackBucket(order, never);
    }
    expect(await bucket.live(), `after ${from}`).toEqual(before);
  }
}, 300_000);

test('what was staged and is gone since is not switched to, and its traces do no harm', async () => {
  const order = await bucket.stageAfter();
  await inBucket(order, never, (open) => deleteObject(open, `${order.staged}same.txt`));
  await expect(switchBucket(order, never)).rejects.toMatchObject({ code: 'MEDIA_RESTORE_FAILED' });
  expect(await bucket.live()).toEqual(before);
  await switchBackBucket(order, never);
  expect(await bucket.live()).toEqual(before);
});

test('once it was done and its staged objects are gone, it can be taken back, but not turned round', async () => {
  const order = await bucket.stageAfter();
  await switchBucket(order, never);
  await drop(order.staged);
  await switchBackBucket(await bucket.cutOff(order, 4), never).catch(() => undefined);
  await expect(switchBucket(order, never)).rejects.toMatchObject({ code: 'MEDIA_RESTORE_FAILED' });
  await switchBackBucket(order, never);
  expect(await bucket.look()).toEqual({ live: before, own: [] });
});

test('what somebody adds while it is being switched stays', async () => {
  const order = await bucket.stageAfter();
  const cut = await bucket.cutOff(order, 12);
  await switchBucket(cut, never).catch(() => undefined);
  await bucket.put({ added: 'meanwhile' });
  await switchBucket(order, never);
  expect(await bucket.live()).toEqual({ ...after, added: 'meanwhile' });
});

test('a journal of another switch of the same restore counts for nothing', async () => {
  const first = await bucket.stageAfter();
  await switchBucket(first, never);
  const second = { ...first, staged: '.holdfast-restore-restore1-other/' };
  expect(await isBucketSwitched(second, never)).toBe(false);
  await expect(switchBucket(second, never)).rejects.toMatchObject({ code: 'MEDIA_RESTORE_FAILED' });
});

test('large objects are copied piece by piece', async () => {
  const large = randomBytes(13_000_000);
  put(bench, 'large.png', large);
  await bucket.put({ 'large.png': 'small' });
  const order = { ...(await bucket.stageCopy(await copy(bench))), pieceBytes: 6_000_000 };
  await switchBucket(order, never);
  expect(await bucket.server.partsOf(bucket.name, `${bucket.prefix}large.png`)).toBe(3);
  expect((await bucket.live())['large.png'] === large.toString('latin1')).toBe(true);
  await switchBackBucket(order, never);
  expect(await bucket.live()).toEqual({ 'large.png': 'small' });
});

test('any two areas: what goes and does not come back, and what is in the way', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'a-', 'a0'), { minLength: 1, maxLength: 3 })
    .chain((names) => fc.constantFrom(names.join('/'), `${names.join('/')}/`));
  const paths = fc.uniqueArray(path, { maxLength: 12 }).map((all) => all.sort());
  const listed = (all: string[]) => all.map((each) => ({ path: each, size: 0, etag: null, mtimeMs: 0 }));
  fc.assert(
    fc.property(paths, paths, (leaving, coming) => {
      const gone = leaving.filter((each) => !coming.includes(each));
      const isNeeded = (each: string) => each.endsWith('/') && coming.some((other) => other.startsWith(each));
      expect([...onlyLeaving(listed(leaving), listed(coming))]).toEqual(
        gone.filter((each) => !isNeeded(each)),
      );
      const below = (one: string, other: string) => other.startsWith(`${one}/`);
      const barring = gone.filter((each) => coming.some((other) => below(each, other) || below(other, each)));
      expect([...new Set(inTheWay(listed(leaving), listed(coming)))].sort()).toEqual(barring);
    }),
    { numRuns: 2_000 },
  );
});
