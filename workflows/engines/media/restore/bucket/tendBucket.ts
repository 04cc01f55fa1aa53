import type { MediaTask } from '../tendMediaInThread.js';
import { readAnyState } from './bucketJournal.js';
import { holdArea } from './holdArea.js';
import { endUploads, removeArea, removeReplaced } from './removeArea.js';
import { surveyBucket } from './surveyBucket.js';
import { isBucketSwitched, switchBackBucket, switchBucket, type BucketSwitch } from './switchBucket.js';
import { inBucket } from './writableBucket.js';

/** The tasks that are about buckets. */
type BucketTask = Extract<MediaTask, { areas: unknown } | { address: unknown }>;

/** Does one of them; `mayAct` is asked by the switches. */
export async function tendBucket(
  task: BucketTask,
  signal: AbortSignal,
  mayAct: () => Promise<void>,
): Promise<unknown> {
  switch (task.do) {
    case 'surveyBucket':
      return surveyBucket(task, signal);
    case 'switchBucket':
      return switchBucket(task.areas, signal, mayAct);
    case 'switchBackBucket':
      return switchBackBucket(task.areas, signal, mayAct);
    case 'isBucketSwitched':
      return isBucketSwitched(task.areas, signal);
    case 'replacedInBucket':
      return replacedIn(task.areas, signal);
    case 'removeInBucket':
      return inBucket(task, signal, async (bucket) => {
        if (task.what === 'replaced') await removeReplaced(bucket, task.area, () => undefined);
        else await removeArea(bucket, task.area, () => undefined);
        await endUploads(bucket, task.area);
        return null;
      });
  }
}

/** Identity of what a switch that is done has kept; null where it is no longer what it was. */
async function replacedIn(areas: BucketSwitch, signal: AbortSignal): Promise<string | null> {
  return inBucket(areas, signal, async (bucket) => {
    const state = await readAnyState(bucket, areas.old);
    const isDone = state?.staged === areas.staged && state.toward === 'new' && state.phase === 'done';
    const { identity } = await holdArea(bucket, areas.old, () => undefined);
    return isDone && identity === state.kept ? identity : null;
  });
}
