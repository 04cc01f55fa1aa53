import { resolveMediaDirectory } from '#schema/config';
import type { Environment } from '#schema/entities';
import type { FolderSurvey } from '../../engines/media/restore/surveyFolder.js';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';
import { tendMedia } from './tendMedia.js';

/** The destination’s media folder as it is now, if media may be put there; throws where not. */
export async function destinationFolder(
  tools: WorkerTools,
  { mediaDirectory }: Environment,
  signal: AbortSignal,
): Promise<FolderSurvey> {
  if (!mediaDirectory) {
    throw new StepProblem('MEDIA_NOT_FOUND', 'The destination has no media configured any more', {
      remedy: 'Say where they lie in the environment’s settings, then retry.',
    });
  }
  const { problem } = await resolveMediaDirectory(mediaDirectory, tools.mediaRoots);
  const survey = await tendMedia(tools, { do: 'survey', directory: mediaDirectory }, signal);
  // A folder that is gone is what people restore; where it lay decides.
  if (problem && survey.kind !== 'missing') throw new StepProblem('MEDIA_RESTORE_FAILED', problem);
  if (survey.kind === 'other') {
    throw new StepProblem('MEDIA_RESTORE_FAILED', `“${mediaDirectory}” is no folder`, {
      remedy: 'Move it away or correct the media folder in the environment’s settings, then retry.',
    });
  }
  return survey;
}
