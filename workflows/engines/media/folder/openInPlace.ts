import { closeSync, constants, existsSync, openSync, readlinkSync } from 'node:fs';
import { pathBelow } from '../bytePath.js';
import { changed, type Unread } from '../source.js';
import { describe, vanished } from './fileFacts.js';

/**
 * Where the system tells what a descriptor leads to. Elsewhere (macOS) only a path’s last name is kept from being a
 * link: whoever swaps a folder above it for one at that moment can lead the reader away.
 */
export const descriptors = existsSync('/proc/self/fd') ? '/proc/self/fd' : null;

/** The path of what lies below a root (as text, links resolved), as the file system takes it. */
export function placeBelow(root: string, path: string): string | Buffer {
  return path === '' ? root : pathBelow(root === '/' ? '' : root, path);
}

/** Opens what lies at a path without any link in it. What a link has led to, wherever in the path, is not there. */
export function openInPlace(path: string | Buffer, flags: number): number | Unread {
  let file: number;
  try {
    file = openSync(path, flags | constants.O_NOFOLLOW);
  } catch (error: unknown) {
    return describe(error);
  }
  let isKept = false;
  try {
    const unread = descriptors === null ? null : whyElsewhere(`${descriptors}/${file}`, path);
    isKept = unread === null;
    return unread ?? file;
  } catch (error: unknown) {
    return describe(error);
  } finally {
    if (!isKept) closeSync(file);
  }
}

function whyElsewhere(descriptor: string, path: string | Buffer): Unread | null {
  const place = readlinkSync(descriptor, { encoding: 'latin1' });
  const expected = Buffer.from(path as string).toString('latin1');
  if (place === expected) return null;
  // It was there a moment ago, and something else may be there by now.
  return place === `${expected} (deleted)` ? changed : vanished;
}
