import type { MediaBucket } from '../../bucket/mediaBucket.js';
import { StepProblem } from '../../../stepProblem.js';
import type { Toward } from '../switchJournal.js';
import { journalPathOf } from './bucketAreas.js';
import { deleteObject, putObject, readText } from './objects.js';

/** How far a switch has come; while there is none, nothing live has been changed. */
export interface BucketState {
  toward: Toward;
  /** `in` while live objects are written and deleted. */
  phase: 'in' | 'done';
  /** Which switch it is: its staged area. */
  staged: string;
  /** Identity of the copy of what was live. */
  kept: string;
  /**
   * On the way back: by what it is known which objects were put there. Once a switch is done, its staged area may be
   * gone, and all that was not live before has to go.
   */
  by: 'staged' | 'live';
}

/** The state that is written down for this switch; null where none is. */
export async function readState(
  bucket: MediaBucket,
  { old, staged }: { old: string; staged: string },
): Promise<BucketState | null> {
  const state = await readAnyState(bucket, old);
  return state?.staged === staged ? state : null;
}

/** The same, whichever switch of that restore it is of. */
export async function readAnyState(bucket: MediaBucket, old: string): Promise<BucketState | null> {
  const path = journalPathOf(old);
  const text = await readText(bucket, path);
  if (text === null) return null;
  const state = parsed(text);
  if (state) return state;
  throw new StepProblem('MEDIA_RESTORE_FAILED', `The journal of the switch, “${path}”, cannot be understood`);
}

/** Writes a state down; S3 has it then, or the one before still. */
export function writeState(bucket: MediaBucket, old: string, state: BucketState): Promise<void> {
  return putObject(bucket, journalPathOf(old), JSON.stringify(state), { ContentType: 'application/json' });
}

export function removeState(bucket: MediaBucket, old: string): Promise<void> {
  return deleteObject(bucket, journalPathOf(old));
}

function parsed(text: string): BucketState | null {
  try {
    const { toward, phase, staged, kept, by } = JSON.parse(text) as Partial<BucketState>;
    const isKnown =
      (toward === 'new' || toward === 'old') &&
      (phase === 'in' || phase === 'done') &&
      (by === 'staged' || by === 'live') &&
      typeof staged === 'string' &&
      typeof kept === 'string';
    return isKnown ? { toward, phase, staged, kept, by } : null;
  } catch {
    return null;
  }
}
