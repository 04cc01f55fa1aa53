import type { BigIntStats } from 'node:fs';
import { systemCode } from '../../systemCode.js';
import { unsettledMs, type EntryFacts, type Unread } from '../source.js';

/** What the file system tells of an entry. */
export function factsOf({
  size,
  mtimeNs,
  ctimeNs,
  mtimeMs,
  ctimeMs,
  mode,
  nlink,
  dev,
  ino,
}: BigIntStats): EntryFacts {
  const now = Date.now();
  const isUnsettled = isNear(Number(ctimeMs), now) || isNear(Number(mtimeMs), now);
  return {
    size: Number(size),
    mtimeNs,
    mode: Number(mode & 0o7777n),
    identity: nlink > 1n ? `${dev}:${ino}` : null,
    fingerprint: isUnsettled ? null : `${ctimeNs}.${ino}`,
  };
}

const isNear = (ms: number, now: number) => Math.abs(now - ms) < unsettledMs;

/** Puts what the file system said into words for the manifest. */
export function describe(error: unknown): Unread {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? { cause: 'vanished', problem: 'vanished while the folder was read' }
    : { cause: 'unreadable', problem: `cannot be read (${code ?? 'unknown error'})` };
}
