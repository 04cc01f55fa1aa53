import { mkdir, open, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StepProblem } from '../stepProblem.js';
import { systemCode } from '../systemCode.js';
import { keyNames } from './storageKey.js';

/** Throws a StepProblem where the storage's own folder is not there: then nothing can be called absent. */
export async function requireRoot(root: string): Promise<void> {
  const found = await stat(root).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (!found?.isDirectory())
    throw new StepProblem('STORAGE_UNREACHABLE', 'The folder of the backup storage is not there');
}

/** Makes the folders above a key, for this user alone; never the root itself. */
export async function makeFolders(root: string, key: string): Promise<void> {
  for (const folder of foldersAbove(root, key).slice(1)) {
    try {
      await mkdir(folder, 0o700);
    } catch (error: unknown) {
      if (systemCode(error) === 'EEXIST') continue;
      if (systemCode(error) === 'ENOENT') await requireRoot(root);
      throw error;
    }
  }
}

/** Makes names durable: what a key's folders hold survives a power cut. */
export async function syncFolders(root: string, key: string): Promise<void> {
  for (const folder of foldersAbove(root, key).reverse()) {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/** Removes the folders above a key that have become empty. */
export async function removeEmptyFolders(root: string, key: string): Promise<void> {
  for (const folder of foldersAbove(root, key).slice(1).reverse()) {
    try {
      await rmdir(folder);
    } catch (error: unknown) {
      const code = systemCode(error);
      if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
      if (code !== 'ENOENT') throw error;
    }
  }
}

/** The root and every folder from there to the key. */
function foldersAbove(root: string, key: string): string[] {
  const names = keyNames(key).slice(0, -1);
  return [root, ...names.map((_, index) => join(root, ...names.slice(0, index + 1)))];
}
