import { lstatSync, readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

const breathEvery = 256;

/**
 * Adds up the bytes of the files below a folder, quickly: a file with several names counts once, and what cannot be
 * read counts as nothing.
 */
export async function measure(root: string, signal: AbortSignal, onStep: () => void): Promise<number> {
  const folders: Buffer[] = [Buffer.from(root)];
  const linked = new Set<string>();
  let bytes = 0;
  let count = 0;
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    for (const entry of entriesOf(folder)) {
      if ((count += 1) % breathEvery === 0) {
        await setImmediate();
        signal.throwIfAborted();
        onStep();
      }
      const path = Buffer.concat([folder, Buffer.from('/'), entry.name]);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) bytes += bytesOf(path, linked);
    }
  }
  return bytes;
}

function entriesOf(folder: Buffer) {
  try {
    return readdirSync(folder, { encoding: 'buffer', withFileTypes: true });
  } catch {
    return [];
  }
}

function bytesOf(path: Buffer, linked: Set<string>): number {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  const identity = `${stats.dev}:${stats.ino}`;
  if (stats.nlink > 1 && linked.has(identity)) return 0;
  if (stats.nlink > 1) linked.add(identity);
  return stats.size;
}
