import { lstat, opendir, readdir, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { removeEmptyFolders, requireRoot } from './fileFolders.js';
import { isPartialOf, keyNames } from './storageKey.js';
import type { StoredObject } from './storage.js';
import { systemCode } from '../systemCode.js';

/** Every file whose key begins with the prefix; what vanishes meanwhile is left out. */
export async function* listFiles(root: string, prefix: string): AsyncIterable<StoredObject> {
  const cut = prefix.lastIndexOf('/') + 1;
  const folder = prefix.slice(0, cut);
  if (folder) keyNames(folder.slice(0, -1));
  await requireRoot(root);
  for await (const name of namesIn(join(root, folder))) {
    if (name.startsWith(prefix.slice(cut))) yield* filesAt(root, folder + name);
  }
}

async function* filesAt(root: string, key: string): AsyncIterable<StoredObject> {
  const found = await ignoreAbsent(lstat(join(root, key)));
  if (found?.isFile()) yield { key, size: found.size };
  if (!found?.isDirectory()) return;
  for await (const name of namesIn(join(root, key))) yield* filesAt(root, `${key}/${name}`);
}

async function* namesIn(folder: string): AsyncIterable<string> {
  const opened = await ignoreAbsent(opendir(folder));
  if (!opened) return;
  for await (const entry of opened) yield entry.name;
}

/** Removes a key with its unfinished writes, or all below a prefix that ends in `/`; then folders left empty. */
export async function removeFiles(root: string, keyOrPrefix: string): Promise<void> {
  await requireRoot(root);
  if (keyOrPrefix.endsWith('/')) {
    const folder = keyOrPrefix.slice(0, -1);
    await rm(join(root, ...keyNames(folder)), {
      recursive: true,
      force: true,
      maxRetries: 5,
      retryDelay: 100,
    });
    return removeEmptyFolders(root, folder);
  }
  const names = keyNames(keyOrPrefix);
  const own = names.at(-1) ?? '';
  const folder = join(root, ...names.slice(0, -1));
  for (const name of (await ignoreAbsent(readdir(folder))) ?? []) {
    if (name === own || isPartialOf(name, own)) await ignoreAbsent(unlink(join(folder, name)));
  }
  return removeEmptyFolders(root, keyOrPrefix);
}

async function ignoreAbsent<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error: unknown) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
