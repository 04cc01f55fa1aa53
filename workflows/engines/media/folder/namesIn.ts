import { opendirSync, readdirSync } from 'node:fs';

const namesAtOnce = 512;

/** The names in a folder, sorted by their bytes, with one character for each of these. */
export function namesIn(folder: string | Buffer): string[] {
  try {
    return [...eachName(folder)].sort();
  } catch {
    // Some file systems do not tell kinds with names: Node then looks for each, by a name that it takes for text.
    return readdirSync(folder, { encoding: 'latin1' }).sort();
  }
}

/** The same in no order and some at a time: all at once, a million would leave much memory unused behind. */
export function* eachName(folder: string | Buffer): Generator<string> {
  const opened = opendirSync(folder, { encoding: 'latin1', bufferSize: namesAtOnce });
  try {
    for (let entry = opened.readSync(); entry; entry = opened.readSync()) yield entry.name;
  } finally {
    opened.closeSync();
  }
}
