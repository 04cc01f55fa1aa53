import { archiveKey, type DownloadStepOrder, type PreparedFile } from '#schema/domain';
import { archiveMediaInThread } from '../../engines/media/archive/archiveMediaInThread.js';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';
import { inDownloadStep } from './inDownloadStep.js';

/** Writes the backup’s media as one archive, each file compared with its hash on the way. */
export async function archiveMedia(tools: WorkerTools, order: DownloadStepOrder): Promise<PreparedFile> {
  return inDownloadStep(tools, order, 'media', async (scene) => {
    const { download, source, signal, mark, nameOf, onShare } = scene;
    const { media: part, place } = source;
    if (!part) throw new StepProblem('BACKUP_GONE', 'The backup does not hold the media');
    const key = archiveKey(place, download.id, mark);
    const { size, sha256 } = await archiveMediaInThread({
      storage: tools.storage,
      place,
      part,
      key,
      signal,
      stallMs: tools.stallMs,
      onProgress: ({ doneBytes, totalBytes }) => onShare(totalBytes ? doneBytes / totalBytes : 0),
    });
    return { content: 'MEDIA', name: nameOf('MEDIA'), key, size, sha256 };
  });
}
