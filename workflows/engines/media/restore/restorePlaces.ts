import { lstatSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { replacedPrefix, stagedPrefix } from '../reservedNames.js';

const longestName = 255;

/**
 * Where media are staged for a live folder: beside it, or in it where nothing beside it is on the same disk
 * (`isInside`). `live` is its path without links, `mark` is `<run>-<attempt>`.
 */
export function stagedPlaceOf(live: string, restoreId: string, mark: string, isInside: boolean): string {
  return placeOf(live, `${stagedPrefix}${shortened(restoreId)}-${mark}`, isInside);
}

/** Where what a restore replaces is kept, likewise. */
export function oldPlaceOf(live: string, restoreId: string, isInside: boolean): string {
  return placeOf(live, `${replacedPrefix}${shortened(restoreId)}`, isInside);
}

/** Every staged place of a restore that is there, whichever attempt made it. */
export function stagedPlacesLeft(live: string, restoreId: string, isInside: boolean): string[] {
  const start = stagedPlaceOf(live, restoreId, '', isInside);
  const folder = dirname(start);
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith(basename(start)))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** `device:inode` of what is at a path, links not followed; null where nothing is. */
export function folderIno(path: string): string | null {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.dev}:${stats.ino}` : null;
}

function placeOf(live: string, suffix: string, isInside: boolean): string {
  if (isInside) return join(live, suffix);
  return join(dirname(live), `${startOf(basename(live), suffix)}${suffix}`);
}

/** As much of a name as leaves room for what follows; it never ends within a character. */
function startOf(name: string, suffix: string): string {
  // The mark of an attempt has this much room, so that all attempts’ names begin alike.
  const room = longestName - Math.max(suffix.length, stagedPrefix.length + 80);
  let start = '';
  for (const character of name) {
    if (Buffer.byteLength(start + character) > room) break;
    start += character;
  }
  return start;
}

/** What names tell of a restore. */
export function shortened(restoreId: string): string {
  return restoreId
    .replace(/[^0-9a-z]/gi, '')
    .slice(0, 8)
    .toLowerCase();
}
