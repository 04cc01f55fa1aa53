import { isDeepStrictEqual } from 'node:util';
import type { MediaBucket } from '../../bucket/mediaBucket.js';
import type { BucketAddress } from '../../bucket/openMediaClient.js';
import { StepProblem } from '../../../stepProblem.js';
import type { Switched } from '../folderSwitch.js';
import { readState, writeState, type BucketState } from './bucketJournal.js';
import { inTheWay, isReplaced, onlyLeaving } from './compareAreas.js';
import { copyObject } from './copyObject.js';
import { holdArea, type HeldArea } from './holdArea.js';
import { deleteObject, putObject } from './objects.js';
import { removeReplaced } from './removeArea.js';
import { sideBySide } from './sideBySide.js';
import { inBucket } from './writableBucket.js';

/** What is switched in a bucket. Areas are what keys go on with behind the prefix of the media. */
export interface BucketSwitch {
  address: BucketAddress;
  /** For how long what is away or busy is asked again. */
  patienceMs: number;
  /** What is put into the place of the live objects. */
  staged: string;
  /** Where copies of the live ones are kept. */
  old: string;
  /** Identity of what was staged. */
  stagedIno: string;
  /** From how many bytes on an object is copied piece by piece. */
  pieceBytes?: number;
}

/** Throws where somebody else may be at work by now; asked right before what could not be taken back. */
type MayAct = () => Promise<void>;

/** So often what is put back is put there again where somebody else still writes. */
const mostTries = 3;

/**
 * Puts staged objects into the place of the live ones, one after the other: first every live object is copied aside, then
 * the staged ones are copied over them, last what is not among these is deleted. May be called again after a crash: what
 * the journal says decides how to go on. An object that somebody adds meanwhile stays.
 */
export async function switchBucket(
  order: BucketSwitch,
  signal: AbortSignal,
  mayAct: MayAct = alone,
): Promise<Switched> {
  return inBucket(order, signal, async (bucket) => {
    const { staged, old } = order;
    const state = await readState(bucket, order);
    if (state?.toward === 'new' && state.phase === 'done') return 'already';
    const coming = await holdArea(bucket, staged, nothing);
    if (coming.identity !== order.stagedIno || state?.by === 'live') throw notWhole('What was staged');
    // What was on its way back still has all copies; what has come back may have lost some since.
    const kept = state?.phase === 'in' ? state.kept : await keepLive(bucket, order, mayAct);
    await mayAct();
    await writeState(bucket, old, { toward: 'new', phase: 'in', staged, kept, by: 'staged' });
    const leaving = await heldAs(bucket, old, kept);
    await replace(bucket, order, { area: staged, coming, leaving, mayAct });
    await mayAct();
    await writeState(bucket, old, { toward: 'new', phase: 'done', staged, kept, by: 'staged' });
    return 'switched';
  });
}

/**
 * Puts things back as they were before `switchBucket`, with the same order, however far that came. What was kept goes only
 * once it is found to be live again.
 */
export async function switchBackBucket(
  order: BucketSwitch,
  signal: AbortSignal,
  mayAct: MayAct = alone,
): Promise<Switched> {
  return inBucket(order, signal, async (bucket) => {
    const { staged, old } = order;
    let state = await readState(bucket, order);
    const isBegun = state !== null;
    if (state?.toward === 'new') {
      const by = state.phase === 'done' ? 'live' : 'staged';
      state = { ...state, toward: 'old', phase: 'in', by };
      await mayAct();
      await writeState(bucket, old, state);
    }
    if (state?.phase === 'in') {
      const coming = await heldAs(bucket, old, state.kept);
      const leaving = await holdArea(bucket, state.by === 'live' ? '' : staged, nothing);
      await putBack(bucket, order, { area: old, coming, leaving, mayAct });
      state = { ...state, phase: 'done' };
      await mayAct();
      await writeState(bucket, old, state);
    }
    await mayAct();
    // What an attempt that has ended had still under way may have been written down since.
    if (!isDeepStrictEqual(await readState(bucket, order), state)) throw stillWritten(bucket);
    await removeReplaced(bucket, old, nothing);
    return isBegun ? 'switched' : 'already';
  });
}

/** Whether all of a switch was done. */
export async function isBucketSwitched(order: BucketSwitch, signal: AbortSignal): Promise<boolean> {
  return inBucket(order, signal, async (bucket) => {
    const state: BucketState | null = await readState(bucket, order);
    return state?.toward === 'new' && state.phase === 'done';
  });
}

const nothing = () => undefined;
/** For who has the bucket to itself. */
const alone = async () => undefined;

/** Copies every live object aside, and answers the identity of the copy. */
async function keepLive(
  bucket: MediaBucket,
  { old, pieceBytes }: BucketSwitch,
  mayAct: MayAct,
): Promise<string> {
  await mayAct();
  await removeReplaced(bucket, old, nothing);
  const live = await holdArea(bucket, '', nothing);
  await sideBySide(live, bucket.signal, ({ path, size }) =>
    // One that is gone by now was not there at the switch.
    copyObject(bucket, { from: path, to: old + path, size, pieceBytes, onStep: nothing }),
  );
  return (await holdArea(bucket, old, nothing)).identity;
}

/** What goes live, and what is to be no longer. */
interface Replacement {
  /** Where the objects that go live lie. */
  area: string;
  coming: HeldArea;
  leaving: HeldArea;
  mayAct: MayAct;
}

/** Replaces until what is live is what was kept. */
async function putBack(bucket: MediaBucket, order: BucketSwitch, replacement: Replacement): Promise<void> {
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    await replace(bucket, order, replacement);
    const live = await holdArea(bucket, '', nothing);
    if (isReplaced({ ...replacement, live }, attempt === 1)) return;
  }
  throw stillWritten(bucket);
}

/** Every pass may be done again: each object ends as it is to be. */
async function replace(
  bucket: MediaBucket,
  { pieceBytes }: BucketSwitch,
  { area, coming, leaving, mayAct }: Replacement,
): Promise<void> {
  const { signal } = bucket;
  await mayAct();
  await sideBySide(inTheWay(leaving, coming), signal, (path) => deleteObject(bucket, path));
  await sideBySide(coming, signal, async ({ path, size }) => {
    const copy = { from: area + path, to: path, size, pieceBytes, onStep: nothing };
    if (!(await copyObject(bucket, copy))) throw notWhole(`What is to go live at “${area}”`);
  });
  // A prefix without any object is what a missing folder is.
  if (coming.objects === 0 && bucket.place.prefix !== '') await putObject(bucket, '', '');
  await mayAct();
  const folders: string[] = [];
  await sideBySide(onlyLeaving(leaving, coming), signal, async (path) => {
    if (path.endsWith('/')) folders.push(path);
    else await deleteObject(bucket, path);
  });
  for (const path of folders.sort().reverse()) await deleteObject(bucket, path);
}

async function heldAs(bucket: MediaBucket, area: string, identity: string): Promise<HeldArea> {
  const held = await holdArea(bucket, area, nothing);
  if (held.identity !== identity) throw notWhole(`What was kept at “${area}”`);
  return held;
}

function stillWritten({ words }: MediaBucket): StepProblem {
  return new StepProblem(
    'MEDIA_RESTORE_FAILED',
    `What is put back in the media bucket ${words} is changed by somebody else meanwhile`,
    { remedy: 'Stop what writes there until the restore is cleaned up, then retry.' },
  );
}

function notWhole(what: string): StepProblem {
  return new StepProblem(
    'MEDIA_RESTORE_FAILED',
    `${what} in the media bucket is no longer what was put there`,
    {
      remedy: 'Find out who or which rule of the bucket removes objects there, then retry.',
    },
  );
}
