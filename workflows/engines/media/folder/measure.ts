import { lstatSync, type Stats } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { pathBelow } from '../bytePath.js';
import { eachName } from './namesIn.js';

const breathEvery = 256;

/**
 * Adds up the bytes of the files below a folder, quickly: a file with several names counts once, and what cannot be
 * read counts as nothing.
 */
export async function measure(root: string, signal: AbortSignal, onStep: () => void): Promise<number> {
  const folders = [''];
  const linked = new Set<string>();
  let bytes = 0;
  let count = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of contentOf(root, folder)) {
      if ((count += 1) % breathEvery === 0) {
        await setImmediate();
        signal.throwIfAborted();
        onStep();
      }
      const path = `${folder}${name}`;
      const stats = lstatSync(pathBelow(root, path), { throwIfNoEntry: false });
      if (stats?.isDirectory()) folders.push(`${path}/`);
      else if (stats?.isFile()) bytes += bytesIn(stats, linked);
    }
  }
  return bytes;
}

/** The names that can be read. */
function* contentOf(root: string, folder: string): Generator<string> {
  try {
    yield* eachName(pathBelow(root, folder));
  } catch {
    return;
  }
}

function bytesIn({ dev, ino, nlink, size }: Stats, linked: Set<string>): number {
  if (nlink < 2) return size;
  const identity = `${dev}:${ino}`;
  if (linked.has(identity)) return 0;
  linked.add(identity);
  return size;
}
