import type { MediaSwitch, StagedMediaResult } from '#schema/domain';
import { oldPlaceOf } from '../../engines/media/restore/restorePlaces.js';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';
import {
  bucketBack,
  bucketForward,
  isBucketMediaSwitched,
  isInBucket,
  isSameBucket,
  switchBucketMedia,
  switchBucketMediaBack,
  type SwitchRight,
} from './bucketSwitch.js';
import { destinationFolder } from './destinationFolder.js';
import type { RestoreScene } from './inRestoreStep.js';
import { tendMedia } from './tendMedia.js';

/** What is about to be done to the destination’s media, to be written down before it is done. */
export async function mediaForward(
  tools: WorkerTools,
  scene: RestoreScene,
  staged: StagedMediaResult,
): Promise<MediaSwitch> {
  const { restore, environment, signal } = scene;
  if (environment.mediaS3) return bucketForward(scene, staged);
  const live = await destinationFolder(tools, environment, signal);
  return {
    live: live.path,
    staged: staged.path,
    old: oldPlaceOf(live.path, restore.id, live.isMountPoint),
    liveIno: live.ino,
    stagedIno: staged.ino,
    keepFolder: live.isMountPoint || environment.keepMediaFolder,
  };
}

/** The same for an undo: what the undone restore’s switch replaced goes live again. */
export async function mediaBack(
  tools: WorkerTools,
  scene: RestoreScene,
  undone: MediaSwitch,
): Promise<MediaSwitch> {
  if (isInBucket(undone)) return bucketBack(tools, scene, undone);
  const isInside = undone.old.startsWith(`${undone.live}/`);
  const stagedIno = await tendMedia(tools, { do: 'identify', path: undone.old }, scene.signal);
  if (stagedIno === null) {
    throw new StepProblem('BACKUP_GONE', `What the restore replaced is no longer at “${undone.old}”`, {
      remedy: 'Undo it from its safety backup.',
    });
  }
  return {
    ...undone,
    staged: undone.old,
    old: oldPlaceOf(undone.live, scene.restore.id, isInside),
    // Containers may have been given the folder since.
    keepFolder: undone.keepFolder || scene.environment.keepMediaFolder,
    // A folder that stays is the same before and after.
    liveIno: undone.keepFolder ? undone.liveIno : undone.stagedIno,
    stagedIno,
  };
}

/** Whether the environment’s media still lie where that switch put them. */
export async function isSamePlace(
  tools: WorkerTools,
  { environment, signal }: RestoreScene,
  media: MediaSwitch,
): Promise<boolean> {
  if (isInBucket(media)) return isSameBucket(environment, media);
  if (!environment.mediaDirectory) return false;
  return (await destinationFolder(tools, environment, signal)).path === media.live;
}

/** What media are switched with. */
export interface SwitchTools extends SwitchRight {
  /** Aborts with `lost`, and where a folder takes too long. */
  signal: AbortSignal;
}

/** Does what was written down; may be called again after a crash. */
export async function switchMedia(
  tools: WorkerTools,
  media: MediaSwitch,
  { signal, ...right }: SwitchTools,
): Promise<void> {
  if (isInBucket(media)) return switchBucketMedia(tools, media, right);
  await tendMedia(tools, { do: 'switch', folders: media }, signal);
  // Its entries have moved; of an undo the journal of the switch before is left in it.
  if (media.keepFolder) await tendMedia(tools, { do: 'remove', path: media.staged }, signal);
}

/** Takes back as much of it as was done. */
export async function switchMediaBack(
  tools: WorkerTools,
  media: MediaSwitch,
  { signal, ...right }: SwitchTools,
): Promise<void> {
  if (isInBucket(media)) return switchBucketMediaBack(tools, media, right);
  await tendMedia(tools, { do: 'switchBack', folders: media }, signal);
}

/** Whether all of it was done. */
export async function isMediaSwitched(
  tools: WorkerTools,
  media: MediaSwitch,
  signal: AbortSignal,
): Promise<boolean> {
  if (isInBucket(media)) return isBucketMediaSwitched(tools, media, signal);
  if (!media.keepFolder || media.liveIno === null) {
    return (await tendMedia(tools, { do: 'identify', path: media.live }, signal)) === media.stagedIno;
  }
  // Where entries are moved, what was written down among the replaced ones tells.
  const state = await tendMedia(tools, { do: 'readSwitch', folder: media.old }, signal);
  return state?.toward === 'new' && state.phase === 'done';
}
