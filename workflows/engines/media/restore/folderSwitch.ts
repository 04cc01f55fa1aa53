import { StepProblem } from '../../stepProblem.js';

/** What is switched. Absolute paths without links. */
export interface FolderSwitch {
  live: string;
  /** What is put into its place. */
  staged: string;
  /** Where the live one is put. */
  old: string;
  /** `device:inode` of the folder that is live before; null where none is. */
  liveIno: string | null;
  /** The same of the staged one. */
  stagedIno: string | null;
  /** Whether the live folder itself stays, and its entries are moved. */
  keepFolder: boolean;
  /** Called before each change, with what it is. */
  onDeed?: (deed: string) => void;
}

/** `switched` where something was moved now. */
export type Switched = 'switched' | 'already';

/** That something is not what it is to be. */
export function strange(path: string): StepProblem {
  return new StepProblem(
    'MEDIA_RESTORE_FAILED',
    `What is at “${path}” is not what was there when the media were staged`,
    { remedy: 'Find out who changed it, put it back or move it away, then retry.' },
  );
}
