import { closeSync, constants } from 'node:fs';
import { pathBelow } from '../bytePath.js';
import type { Unread } from '../source.js';
import { descriptors, openInPlace } from './openInPlace.js';

/** A folder whose entries are looked at; whatever is put in its place meanwhile, they are those of this one. */
export interface HeldFolder {
  /** Its entries lie below this path. */
  path: string | Buffer;
  /** Lets go of it: the path means nothing any more. */
  close(): void;
}

/** Holds the folder at a path without any link in it. Where descriptors have no paths it is held by its name only. */
export function holdFolder(path: string | Buffer): HeldFolder | Unread {
  if (descriptors === null) return { path, close: () => undefined };
  const folder = openInPlace(path, constants.O_RDONLY | constants.O_DIRECTORY);
  if (typeof folder !== 'number') return folder;
  return { path: `${descriptors}/${folder}`, close: () => closeSync(folder) };
}

/** The path of an entry while its folder is held; names have one character for each byte. */
export function entryIn({ path }: HeldFolder, name: string): string | Buffer {
  if (typeof path === 'string') return pathBelow(path, name);
  return Buffer.concat([path, Buffer.from(`/${name}`, 'latin1')]);
}
