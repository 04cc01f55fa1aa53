import { closeSync, constants, existsSync, fsyncSync, lstatSync, openSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { run } from '../../run.js';
import { eachName } from '../folder/namesIn.js';
import { HeldTree } from './heldTree.js';

const programs = ['/usr/bin/sync', '/bin/sync'];

/**
 * Makes all that was written below a folder durable: by asking its file system to write everything (`sync -f`), which
 * is many times quicker than asking for each file; where that cannot be had, for each.
 */
export async function syncTree(directory: string, signal: AbortSignal, onStep: () => void): Promise<void> {
  const program = programs.find((path) => existsSync(path));
  if (program !== undefined) {
    const { exit, stdout } = run({ program, args: ['-f', directory], signal });
    stdout.resume();
    const { code } = await exit;
    signal.throwIfAborted();
    if (code === 0) return;
  }
  await syncEach(directory, signal, onStep);
}

async function syncEach(directory: string, signal: AbortSignal, onStep: () => void): Promise<void> {
  const tree = new HeldTree(directory);
  const folders = [''];
  try {
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const name of [...eachName(tree.at(`${folder}.`))]) {
        const stats = lstatSync(tree.at(folder + name));
        if (stats.isDirectory()) folders.push(`${folder}${name}/`);
        else if (stats.isFile()) sync(tree.at(folder + name));
        await setImmediate();
        signal.throwIfAborted();
        onStep();
      }
      sync(tree.at(`${folder}.`));
    }
  } finally {
    tree.close();
  }
}

function sync(path: string | Buffer): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes the names in a folder durable. */
export function syncFolder(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
