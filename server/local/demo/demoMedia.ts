import { chmod, link, lstat, lutimes, mkdir, open, rename, rm, symlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { planDemoMedia, plannedChangeTime, type MediaEntry } from './demoMediaPlan.js';

const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/**
 * Fills the folder with the demo's media unless something is there already; true where it did.
 * The folder appears whole or not at all: it is written beside under another name, and what a cut-off left there is removed.
 */
export async function createDemoMedia(directory: string, share: number): Promise<boolean> {
  if (await exists(directory)) return false;
  const building = `${directory}.building`;
  await rm(building, { recursive: true, force: true });
  await mkdir(dirname(directory), { recursive: true });
  await mkdir(building);

  const entries = planDemoMedia(share);
  for (const entry of entries) await writeEntry(building, entry);
  await finishFolders(building, entries);
  await rename(building, directory);
  return true;
}

async function writeEntry(root: string, entry: MediaEntry): Promise<void> {
  const path = join(root, entry.path);
  const changed = plannedChangeTime(entry.path);
  switch (entry.kind) {
    case 'directory':
      await mkdir(path, { recursive: true });
      return;
    case 'file':
      await writeFile(path, entry.content(), changed);
      return;
    case 'symlink':
      await symlink(entry.target, path);
      await lutimes(path, changed, changed);
      return;
    case 'hardlink':
      await link(join(root, entry.target), path);
      return;
  }
}

async function writeFile(path: string, content: Iterable<Buffer>, changed: number): Promise<void> {
  const handle = await open(path, 'wx', FILE_MODE);
  try {
    for (const piece of content) await handle.writeFile(piece);
    await handle.chmod(FILE_MODE); // whatever the process's umask took away
    await handle.utimes(changed, changed);
  } finally {
    await handle.close();
  }
}

/** Modes and times of the folders come last, from the inside out: every new entry touches the folder above it. */
async function finishFolders(root: string, entries: MediaEntry[]): Promise<void> {
  const folders = entries.filter((entry) => entry.kind === 'directory').map((entry) => entry.path);
  for (const path of [...folders.reverse(), '']) {
    const changed = plannedChangeTime(path);
    await chmod(join(root, path), FOLDER_MODE);
    await utimes(join(root, path), changed, changed);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error: unknown) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
