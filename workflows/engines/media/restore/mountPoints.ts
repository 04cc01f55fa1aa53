import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whether another file system, or another part of one, is mounted at a folder (its path without links). */
export function isMountPoint(path: string): boolean {
  const [own, above] = [statSync(path), statSync(dirname(path))];
  return own.dev !== above.dev || own.ino === above.ino || mountedPlaces().includes(path);
}

/** What is mounted below a folder: where it is, as paths. */
export function mountsBelow(path: string): string[] {
  return mountedPlaces().filter(
    (place) => place.startsWith(path === '/' ? '/' : `${path}/`) && place !== '/',
  );
}

/** A mount of a folder on its own disk (as containers have it) is told of here only. */
function mountedPlaces(): string[] {
  try {
    return placesIn(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return [];
  }
}

/** The places in what Linux tells of mounts (`/proc/self/mountinfo`). */
export function placesIn(mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .flatMap((line) => line.split(' ').slice(4, 5))
    .map((place) =>
      place.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
}
