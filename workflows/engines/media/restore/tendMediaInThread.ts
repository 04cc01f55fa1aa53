import type { MediaPartDocument, Place } from '#schema/domain';
import type { EngineStorage } from '../../storage/storage.js';
import { inThread } from '../../thread/inThread.js';
import type { BucketAddress } from '../bucket/openMediaClient.js';
import type { BucketSurvey } from './bucket/surveyBucket.js';
import type { BucketSwitch } from './bucket/switchBucket.js';
import type { FolderSwitch, Switched } from './folderSwitch.js';
import type { FolderSurvey } from './surveyFolder.js';
import type { SwitchState } from './switchJournal.js';
import type { VerifiedMedia } from './verifyMedia.js';

/** Short work around a restore of media. */
export type MediaTask =
  | { do: 'verify'; place: Place; part: MediaPartDocument; stallMs: number }
  | { do: 'survey'; directory: string }
  | { do: 'switch' | 'switchBack'; folders: Omit<FolderSwitch, 'onDeed'> }
  | { do: 'remove'; path: string }
  | { do: 'removeStaged'; live: string; restoreId: string; isInside: boolean }
  /** `device:inode` of what is at a path. */
  | { do: 'identify'; path: string }
  /** What the journal beside replaced entries says. */
  | { do: 'readSwitch'; folder: string }
  | { do: 'surveyBucket'; address: BucketAddress; patienceMs: number }
  /** The first two need `mayAct`. */
  | { do: 'switchBucket' | 'switchBackBucket' | 'isBucketSwitched'; areas: BucketSwitch }
  /** Whether what a switch replaced is still there as a whole: its identity. */
  | { do: 'replacedInBucket'; areas: BucketSwitch }
  /** `area` may be the beginning of the names of several. */
  | {
      do: 'removeInBucket';
      what: 'staged' | 'replaced';
      address: BucketAddress;
      patienceMs: number;
      area: string;
    };

/** What such work is done with. */
interface TaskTools {
  storage: EngineStorage;
  signal: AbortSignal;
  /** How long the thread may say nothing at all. */
  stallMs: number;
  /** What a switch of a bucket asks right before what another could not take back: throws where it may not go on. */
  mayAct?: () => Promise<void>;
}

/** What each answers. */
export interface MediaTaskAnswers {
  verify: VerifiedMedia;
  survey: FolderSurvey;
  switch: Switched;
  switchBack: Switched;
  remove: null;
  removeStaged: null;
  identify: string | null;
  readSwitch: SwitchState | null;
  surveyBucket: BucketSurvey;
  switchBucket: Switched;
  switchBackBucket: Switched;
  isBucketSwitched: boolean;
  replacedInBucket: string | null;
  removeInBucket: null;
}

const words: Record<MediaTask['do'], string> = {
  verify: 'The look at the media of the backup',
  survey: 'The look at the media folder',
  switch: 'The switch of the media folder',
  switchBack: 'The switch of the media folder',
  remove: 'The removal of what was restored or replaced',
  removeStaged: 'The removal of what was restored',
  identify: 'The look at the media folder',
  readSwitch: 'The look at the media folder',
  surveyBucket: 'The look at the media bucket',
  switchBucket: 'The switch of the media bucket',
  switchBackBucket: 'The switch of the media bucket',
  isBucketSwitched: 'The look at the media bucket',
  replacedInBucket: 'The look at the media bucket',
  removeInBucket: 'The removal of what was restored or replaced',
};

/**
 * Does what a task says in a thread, e.g. `switchFolders` or `switchBucket`: a folder that hangs keeps nobody else waiting. An abort gives a switch 10 s to end, and then cuts it off: another call goes on from there.
 */
export function tendMediaInThread<Task extends MediaTask>(
  task: Task,
  { storage, signal, stallMs, mayAct }: TaskTools,
): Promise<MediaTaskAnswers[Task['do']]> {
  const what = words[task.do];
  const answers: Record<string, () => Promise<unknown>> = mayAct ? { mayAct } : {};
  return inThread({ engine: 'tendMedia', order: task, storage, answers, hears: {}, signal, stallMs, what });
}
