import type { Finding, RestoreStepOrder, StagedMediaResult } from '#schema/domain';
import { stagedAreaOf } from '../../engines/media/restore/bucket/bucketAreas.js';
import { stagedPlaceOf } from '../../engines/media/restore/restorePlaces.js';
import type { StagedMedia } from '../../engines/media/restore/stageMediaOrder.js';
import { stageMediaInThread } from '../../engines/media/restore/stageMediaInThread.js';
import type { StageMediaOrder } from '../../engines/media/restore/stageMediaOrder.js';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';
import { destinationBucket } from './destinationBucket.js';
import { destinationFolder } from './destinationFolder.js';
import { removeStagedMedia } from './dropStaged.js';
import { inRestoreStep, type RestoreScene } from './inRestoreStep.js';

const isRoot = process.getuid?.() === 0;

/** Puts the backup’s media beside the live ones, each file compared with its hash. */
export async function stageMedia(tools: WorkerTools, order: RestoreStepOrder): Promise<StagedMediaResult> {
  return inRestoreStep(tools, order, 'media', async (scene) => {
    const { restore, environment, source, signal, onShare } = scene;
    const { media: part, place } = source;
    if (!part || !place) throw new StepProblem('BACKUP_GONE', 'The backup does not hold the media');
    await removeStagedMedia(tools, restore.id, environment, signal);
    const staged = await stageMediaInThread({
      storage: tools.storage,
      place,
      part,
      target: await targetOf(tools, scene),
      signal,
      stallMs: tools.stallMs,
      onProgress: ({ doneBytes, totalBytes }) => onShare(totalBytes ? doneBytes / totalBytes : 0),
    });
    return { path: staged.directory, ino: staged.ino, warnings: warningsOf(staged) };
  });
}

async function targetOf(
  tools: WorkerTools,
  { restore, environment, mark, signal }: RestoreScene,
): Promise<StageMediaOrder['target']> {
  const bucket = await destinationBucket(tools, environment);
  if (bucket) return { in: 'bucket', ...bucket, area: stagedAreaOf(restore.id, mark) };
  const { path, isMountPoint, owner, mode } = await destinationFolder(tools, environment, signal);
  const directory = stagedPlaceOf(path, restore.id, mark, isMountPoint);
  // Only root may say whose files are.
  return { in: 'folder', directory, owner: isRoot ? owner : null, mode };
}

function warningsOf({ absent, outwardLinks, notHeld }: StagedMedia): Finding[] {
  const warnings: Finding[] = [];
  if (absent > 0) {
    warnings.push({
      code: 'MEDIA_ABSENT',
      message: `${absent} entries could not be read when the backup was made, and are not there: its manifest names them.`,
    });
  }
  if (notHeld.symlinks > 0) {
    warnings.push({
      code: 'MEDIA_LINKS_LEFT_OUT',
      message: `${notHeld.symlinks} symbolic links were left out: a bucket holds no links.`,
    });
  }
  if (notHeld.names > 0) {
    warnings.push({
      code: 'MEDIA_NAMES_LEFT_OUT',
      message: `${notHeld.names} entries were left out: their names are not UTF-8, or too long for a bucket.`,
    });
  }
  if (outwardLinks > 0 && notHeld.symlinks === 0) {
    warnings.push({
      code: 'MEDIA_OUTWARD_LINKS',
      message: `${outwardLinks} symbolic links lead out of the media folder; they were restored as links and not followed.`,
    });
  }
  return warnings;
}
