import { isSameS3Place, type BucketHeld, type MediaSwitch, type StagedMediaResult } from '#schema/domain';
import { Environment } from '#schema/entities';
import { oldAreaOf } from '../../engines/media/restore/bucket/bucketAreas.js';
import type { BucketSwitch } from '../../engines/media/restore/bucket/switchBucket.js';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';
import { destinationBucket } from './destinationBucket.js';
import type { RestoreScene } from './inRestoreStep.js';
import { tendMedia } from './tendMedia.js';

/** A switch of media that lie in a bucket. */
type MediaSwitchInBucket = MediaSwitch & { bucket: BucketHeld };

/** Whether a switch is of that kind. */
export function isInBucket(media: MediaSwitch): media is MediaSwitchInBucket {
  return media.bucket !== undefined;
}

/** `mediaForward` for a bucket. */
export function bucketForward(
  { restore, environment }: Pick<RestoreScene, 'restore' | 'environment'>,
  staged: StagedMediaResult,
): MediaSwitch {
  const place = environment.mediaS3;
  if (!place) throw new TypeError('The destination has no bucket');
  return {
    live: `${place.bucket}/${place.prefix}`,
    staged: staged.path,
    old: oldAreaOf(restore.id),
    // Also an empty one can be switched back to.
    liveIno: 'bucket',
    stagedIno: staged.ino,
    keepFolder: true,
    bucket: { environmentId: environment.id, place },
  };
}

/** `mediaBack` for a bucket. */
export async function bucketBack(
  tools: WorkerTools,
  { restore, signal }: Pick<RestoreScene, 'restore' | 'signal'>,
  undone: MediaSwitchInBucket,
): Promise<MediaSwitch> {
  const areas = await areasOf(tools, undone);
  const stagedIno = await tendMedia(tools, { do: 'replacedInBucket', areas }, signal);
  if (stagedIno === null) {
    throw new StepProblem(
      'BACKUP_GONE',
      `What the restore replaced is no longer whole at “${undone.live}${undone.old}”`,
      { remedy: 'Undo it from its safety backup.' },
    );
  }
  return { ...undone, staged: undone.old, old: oldAreaOf(restore.id), stagedIno };
}

/** The right to switch at a destination: one attempt has it at a time, as long as it holds the lock. */
export interface SwitchRight {
  /** Aborts once the lock is lost, and for nothing else: a switch of many objects takes as long as it takes. */
  lost: AbortSignal;
  /** Throws where it is lost; asked right before what another could not take back. */
  mayAct: () => Promise<void>;
}

/** Does the switch, as long as the bucket answers. */
export async function switchBucketMedia(
  tools: WorkerTools,
  media: MediaSwitchInBucket,
  { lost, mayAct }: SwitchRight,
): Promise<void> {
  const areas = await areasOf(tools, media);
  await tendMedia(tools, { do: 'switchBucket', areas }, lost, mayAct);
  await mayAct();
  // With the journal of the switch before, where an undo switched to what that one kept.
  await removeReplacedIn(tools, media, media.staged, lost);
}

/** Takes back as much of it as was done. */
export async function switchBucketMediaBack(
  tools: WorkerTools,
  media: MediaSwitchInBucket,
  { lost, mayAct }: SwitchRight,
): Promise<void> {
  const areas = await areasOf(tools, media);
  await tendMedia(tools, { do: 'switchBackBucket', areas }, lost, mayAct);
}

/** Whether all of it was done. */
export async function isBucketMediaSwitched(
  tools: WorkerTools,
  media: MediaSwitchInBucket,
  signal: AbortSignal,
): Promise<boolean> {
  return tendMedia(tools, { do: 'isBucketSwitched', areas: await areasOf(tools, media) }, signal);
}

/** Removes what a switch has kept in an area, with its journal. */
export async function removeReplacedIn(
  tools: WorkerTools,
  media: MediaSwitchInBucket,
  area: string,
  signal: AbortSignal,
): Promise<void> {
  const { address, patienceMs } = await areasOf(tools, media);
  await tendMedia(tools, { do: 'removeInBucket', what: 'replaced', address, patienceMs, area }, signal);
}

/** Whether the environment’s media still lie in the bucket of a switch. */
export function isSameBucket({ mediaS3 }: Environment, { bucket }: MediaSwitchInBucket): boolean {
  return mediaS3 !== null && isSameS3Place(mediaS3, bucket.place);
}

/** The keys are those that the environment has now: they may have been replaced since. */
async function areasOf(tools: WorkerTools, media: MediaSwitchInBucket): Promise<BucketSwitch> {
  const { staged, old, stagedIno, bucket } = media;
  const environment = await tools.catalogue
    .getRepository(Environment)
    .findOneByOrFail({ id: bucket.environmentId });
  const found = isSameBucket(environment, media) ? await destinationBucket(tools, environment) : null;
  if (found) return { ...found, staged, old, stagedIno };
  throw new StepProblem(
    'MEDIA_RESTORE_FAILED',
    'The destination has other media than the bucket that was switched',
    { remedy: 'Give the environment the bucket that it had, then retry.' },
  );
}
