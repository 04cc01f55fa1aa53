import { nanosecondsToTime, type ManifestEntry } from '#schema/domain';
import { bytesOf, textOf } from './bytePath.js';
import type { EntryFacts } from './source.js';

/** The manifest's way to give a path: as text where it is UTF-8, else as base64. */
export function pathFields(path: string): Pick<ManifestEntry, 'path' | 'pathBase64'> {
  const text = textOf(path);
  return text === null ? { pathBase64: bytesOf(path).toString('base64') } : { path: text };
}

/** The same for where a link points to. */
export function targetFields(target: string): Pick<ManifestEntry, 'target' | 'targetBase64'> {
  const text = textOf(target);
  return text === null ? { targetBase64: bytesOf(target).toString('base64') } : { target: text };
}

/** Time and permission bits; of what vanished before it could be looked at, zeros. */
export function timeFields(facts: EntryFacts | null): Pick<ManifestEntry, 'mtime' | 'mode'> {
  const mode = facts?.mode ?? 0;
  return { mtime: nanosecondsToTime(facts?.mtimeNs ?? 0n), mode: mode.toString(8).padStart(4, '0') };
}
