import { lstatSync, readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

export interface Measure {
  /** Bytes of the files; a file with several names counts once. */
  bytes: number;
  files: number;
}

const breathEvery = 256;

/** Adds up the files below a folder, quickly: what cannot be read counts as nothing. */
export async function measure(root: string, signal: AbortSignal): Promise<Measure> {
  const folders: Buffer[] = [Buffer.from(root)];
  const linked = new Set<string>();
  const sum: Measure = { bytes: 0, files: 0 };
  let count = 0;
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    for (const entry of entriesOf(folder)) {
      if ((count += 1) % breathEvery === 0) {
        await setImmediate();
        signal.throwIfAborted();
      }
      const path = Buffer.concat([folder, Buffer.from('/'), entry.name]);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) addFile(path, linked, sum);
    }
  }
  return sum;
}

function entriesOf(folder: Buffer) {
  try {
    return readdirSync(folder, { encoding: 'buffer', withFileTypes: true });
  } catch {
    return [];
  }
}

function addFile(path: Buffer, linked: Set<string>, sum: Measure): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return;
  const identity = `${stats.dev}:${stats.ino}`;
  if (stats.nlink > 1 && linked.has(identity)) return;
  if (stats.nlink > 1) linked.add(identity);
  sum.bytes += stats.size;
  sum.files += 1;
}
