import { chmodSync, closeSync, constants, lstatSync, openSync, rmdirSync, unlinkSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { systemCode } from '../../systemCode.js';
import { entryIn } from '../folder/holdFolder.js';
import { eachName, namesIn } from '../folder/namesIn.js';
import { descriptors } from '../folder/openInPlace.js';
import { destinationProblem } from './destinationProblem.js';

const namesAtOnce = 5_000;
const breathMs = 20;
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Opens what may not be read, only to name it; Node has no word for it. */
const onlyToName = 0o10000000;

interface Level {
  /** Where its own name is; good as long as the level above is open. */
  at: string | Buffer;
  descriptor: number;
  /** Its entries lie below it. */
  path: string | Buffer;
  /** Some that are still to be removed. */
  names: string[];
}

/**
 * Removes a folder with all that is in it, or a file, or a link; follows no link. What is not there is fine: it can be
 * called again until it succeeds. Throws MEDIA_RESTORE_FAILED where something cannot be removed.
 */
export async function removeTree(path: string, signal: AbortSignal): Promise<void> {
  try {
    await remove(path, signal);
  } catch (error: unknown) {
    throw signal.aborted ? signal.reason : destinationProblem(error, path);
  }
}

async function remove(path: string, signal: AbortSignal): Promise<void> {
  if (isRemoved(path)) return;
  const levels = [open(path)];
  let breathedAt = performance.now();
  try {
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      if (level.names.length === 0) level.names = someNames(level.path);
      const name = level.names.pop();
      if (name === undefined) {
        levels.pop();
        closeSync(level.descriptor);
        rmdirSync(level.at);
        continue;
      }
      const at = entryIn({ path: level.path, close: () => undefined }, name);
      if (!isRemoved(at)) levels.push(open(at));
      if (performance.now() - breathedAt > breathMs) {
        await setImmediate();
        signal.throwIfAborted();
        breathedAt = performance.now();
      }
    }
  } finally {
    for (const { descriptor } of levels) closeSync(descriptor);
  }
}

/** Removes what is no folder; false where it is one. An empty one goes, too. */
function isRemoved(path: string | Buffer): boolean {
  try {
    if (lstatSync(path).isDirectory()) {
      rmdirSync(path);
      return true;
    }
    unlinkSync(path);
    return true;
  } catch (error: unknown) {
    const code = systemCode(error);
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

function open(at: string | Buffer): Level {
  letIn(at);
  const descriptor = openSync(at, folderFlags);
  return { at, descriptor, path: descriptors === null ? at : `${descriptors}/${descriptor}`, names: [] };
}

/** A folder that its owner may not enter cannot be emptied by them either. */
function letIn(at: string | Buffer): void {
  if (descriptors === null) return;
  const mode = lstatSync(at).mode & 0o7777;
  if ((mode & 0o700) === 0o700) return;
  const named = openSync(at, onlyToName | folderFlags);
  try {
    chmodSync(`${descriptors}/${named}`, mode | 0o700);
  } catch (error: unknown) {
    // Whose it is not may be allowed to all the same.
    if (systemCode(error) !== 'EPERM') throw error;
  } finally {
    closeSync(named);
  }
}

function someNames(folder: string | Buffer): string[] {
  try {
    const names: string[] = [];
    for (const name of eachName(folder)) {
      if (names.push(name) === namesAtOnce) break;
    }
    return names;
  } catch {
    return namesIn(folder);
  }
}
