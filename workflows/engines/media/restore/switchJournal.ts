import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StepProblem } from '../../stepProblem.js';
import { systemCode } from '../../systemCode.js';
import { syncFolder } from './syncTree.js';

/** Which data a live folder is to hold. */
export type Toward = 'new' | 'old';

/**
 * How far moving entries has come: `out` while those that are to go are moved out of the live folder, `in` while those
 * that are to come are moved into it.
 */
export interface SwitchState {
  toward: Toward;
  phase: 'out' | 'in' | 'done';
}

/** Beside what a restore replaced, so that it goes with that. */
export const journalName = '.holdfast-switch.json';

/** The state that is written down in a folder; null where none is. */
export function readSwitch(folder: string): SwitchState | null {
  let text: string;
  try {
    text = readFileSync(join(folder, journalName), 'utf8');
  } catch (error: unknown) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
  const state = parsed(text);
  if (state) return state;
  throw new StepProblem(
    'MEDIA_RESTORE_FAILED',
    `The journal of the switch in “${folder}” cannot be understood`,
  );
}

/** Writes a state down; it is durable then, or the one before still is. */
export function writeSwitch(folder: string, state: SwitchState): void {
  const path = join(folder, journalName);
  const descriptor = openSync(`${path}.partial`, 'w', 0o600);
  try {
    writeSync(descriptor, JSON.stringify(state));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(`${path}.partial`, path);
  syncFolder(folder);
}

function parsed(text: string): SwitchState | null {
  try {
    const { toward, phase } = JSON.parse(text) as Partial<SwitchState>;
    const isToward = toward === 'new' || toward === 'old';
    return isToward && (phase === 'out' || phase === 'in' || phase === 'done') ? { toward, phase } : null;
  } catch {
    return null;
  }
}
