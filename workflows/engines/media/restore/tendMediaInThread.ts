import type { MediaPartDocument, Place } from '#schema/domain';
import type { EngineStorage } from '../../storage/storage.js';
import { inThread } from '../../thread/inThread.js';
import type { FolderSwitch, Switched } from './folderSwitch.js';
import type { FolderSurvey } from './surveyFolder.js';
import type { VerifiedMedia } from './verifyMedia.js';

/** Short work around a restore of media. */
export type MediaTask =
  | { do: 'verify'; place: Place; part: MediaPartDocument; stallMs: number }
  | { do: 'survey'; directory: string }
  | { do: 'switch' | 'switchBack'; folders: Omit<FolderSwitch, 'onDeed'> }
  | { do: 'remove'; path: string };

/** What each answers. */
export interface MediaTaskAnswers {
  verify: VerifiedMedia;
  survey: FolderSurvey;
  switch: Switched;
  switchBack: Switched;
  remove: null;
}

const words: Record<MediaTask['do'], string> = {
  verify: 'The look at the media of the backup',
  survey: 'The look at the media folder',
  switch: 'The switch of the media folder',
  switchBack: 'The switch of the media folder',
  remove: 'The removal of what was restored or replaced',
};

/**
 * `verifyMedia`, `surveyFolder`, `switchFolders`, `switchBackFolders` or `removeTree` in a thread: a folder that hangs
 * keeps nobody else waiting. An abort gives a switch 10 s to end, and then cuts it off: another call goes on from there.
 */
export function tendMediaInThread<Task extends MediaTask>(
  task: Task,
  { storage, signal, stallMs }: { storage: EngineStorage; signal: AbortSignal; stallMs: number },
): Promise<MediaTaskAnswers[Task['do']]> {
  const what = words[task.do];
  return inThread({ engine: 'tendMedia', order: task, storage, hears: {}, signal, stallMs, what });
}
