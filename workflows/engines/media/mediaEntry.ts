import { isUtf8 } from 'node:buffer';
import { nanosecondsToTime, type ManifestEntry } from '#schema/domain';
import type { EntryFacts } from './source.js';

/** The manifest's way to give a path: as text where it is UTF-8, else as base64. */
export function pathFields(path: Buffer): Pick<ManifestEntry, 'path' | 'pathBase64'> {
  return isUtf8(path) ? { path: path.toString('utf8') } : { pathBase64: path.toString('base64') };
}

/** The same for where a link points to. */
export function targetFields(target: Buffer): Pick<ManifestEntry, 'target' | 'targetBase64'> {
  return isUtf8(target) ? { target: target.toString('utf8') } : { targetBase64: target.toString('base64') };
}

/** Time and permission bits; of what vanished before it could be looked at, zeros. */
export function timeFields(facts: EntryFacts | null): Pick<ManifestEntry, 'mtime' | 'mode'> {
  const mode = facts?.mode ?? 0;
  return { mtime: nanosecondsToTime(facts?.mtimeNs ?? 0n), mode: mode.toString(8).padStart(4, '0') };
}
