import type { Finding, RestoreStepOrder, StagedMediaResult } from '#schema/domain';
import { stagedPlaceOf } from '../../engines/media/restore/restorePlaces.js';
import type { StagedMedia } from '../../engines/media/restore/stageMedia.js';
import { stageMediaInThread } from '../../engines/media/restore/stageMediaInThread.js';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';
import { destinationFolder } from './destinationFolder.js';
import { removeStagedFolders } from './dropStaged.js';
import { inRestoreStep } from './inRestoreStep.js';

const isRoot = process.getuid?.() === 0;

/** Puts the backup’s media into a folder beside the live one, each file compared with its hash. */
export async function stageMedia(tools: WorkerTools, order: RestoreStepOrder): Promise<StagedMediaResult> {
  return inRestoreStep(tools, order, 'media', async (scene) => {
    const { restore, environment, source, signal, mark, onShare } = scene;
    const { media: part, place } = source;
    if (!part || !place) throw new StepProblem('BACKUP_GONE', 'The backup does not hold the media');
    const live = await destinationFolder(tools, environment, signal);
    await removeStagedFolders(tools, live, restore.id, signal);
    const directory = stagedPlaceOf(live.path, restore.id, mark, live.isMountPoint);
    const staged = await stageMediaInThread({
      storage: tools.storage,
      place,
      part,
      // Only root may say whose files are.
      target: { in: 'folder', directory, owner: isRoot ? live.owner : null, mode: live.mode },
      signal,
      stallMs: tools.stallMs,
      onProgress: ({ doneBytes, totalBytes }) => onShare(totalBytes ? doneBytes / totalBytes : 0),
    });
    return { path: staged.directory, ino: staged.ino, warnings: warningsOf(staged) };
  });
}

function warningsOf({ absent, outwardLinks }: StagedMedia): Finding[] {
  const warnings: Finding[] = [];
  if (absent > 0) {
    warnings.push({
      code: 'MEDIA_ABSENT',
      message: `${absent} entries could not be read when the backup was made, and are not there: its manifest names them.`,
    });
  }
  if (outwardLinks > 0) {
    warnings.push({
      code: 'MEDIA_OUTWARD_LINKS',
      message: `${outwardLinks} symbolic links lead out of the media folder; they were restored as links and not followed.`,
    });
  }
  return warnings;
}
