import { lstatSync, type Stats } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { isReserved } from '../reservedNames.js';
import { entryIn, holdFolder } from './holdFolder.js';
import { eachName } from './namesIn.js';
import { placeBelow } from './openInPlace.js';

const breathEvery = 256;

/**
 * Adds up the bytes of the files below a folder, quickly: a file with several names counts once, and what cannot be
 * looked at counts as nothing.
 */
export async function measure(root: string, signal: AbortSignal, onStep: () => void): Promise<number> {
  const folders = [''];
  const linked = new Set<string>();
  let bytes = 0;
  let count = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const { name, stats } of contentOf(placeBelow(root, folder))) {
      if ((count += 1) % breathEvery === 0) {
        await setImmediate();
        signal.throwIfAborted();
        onStep();
      }
      if (folder === '' && isReserved(name)) continue;
      if (stats?.isDirectory()) folders.push(folder === '' ? name : `${folder}/${name}`);
      else if (stats?.isFile()) bytes += bytesIn(stats, linked);
    }
  }
  return bytes;
}

/** The entries that can be seen; `stats` null for those that cannot be looked at. */
function* contentOf(folder: string | Buffer): Generator<{ name: string; stats: Stats | null }> {
  const held = tryTo(() => holdFolder(folder));
  if (!held || 'cause' in held) return;
  try {
    for (const name of eachName(held.path)) {
      yield { name, stats: tryTo(() => lstatSync(entryIn(held, name))) };
    }
  } catch {
    return;
  } finally {
    held.close();
  }
}

function tryTo<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}

function bytesIn({ dev, ino, nlink, size }: Stats, linked: Set<string>): number {
  if (nlink < 2) return size;
  const identity = `${dev}:${ino}`;
  if (linked.has(identity)) return 0;
  linked.add(identity);
  return size;
}
