import type { BigIntStats } from 'node:fs';
import { systemCode } from '../../systemCode.js';
import type { EntryFacts, Unread } from '../source.js';

/** What the file system tells of an entry; what changed less than `settleMs` ago has no fingerprint. */
export function factsOf(stats: BigIntStats, settleMs: number): EntryFacts {
  const { size, mtimeNs, ctimeNs, birthtimeNs, mtimeMs, ctimeMs, mode, nlink, dev, ino } = stats;
  const now = Date.now();
  const isNear = (ms: bigint) => Math.abs(now - Number(ms)) < settleMs;
  return {
    size: Number(size),
    mtimeNs,
    mode: Number(mode & 0o7777n),
    // The number alone may be another file’s by now: those of deleted files are given again.
    identity: nlink > 1n ? `${dev}:${ino}:${size}:${mtimeNs}:${birthtimeNs}` : null,
    fingerprint: isNear(ctimeMs) || isNear(mtimeMs) ? null : `${ctimeNs}.${ino}`,
  };
}

export const vanished: Unread = { cause: 'vanished', problem: 'vanished while the folder was read' };

/** Trouble of the worker or of the mount, which says nothing about a file. */
const notTheFiles = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ESTALE', 'ENOTCONN']);

/** Puts what the file system said of an entry into words for the manifest; throws what it said of no entry. */
export function describe(error: unknown): Unread {
  const code = systemCode(error);
  if (code !== null && notTheFiles.has(code)) throw error;
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? vanished
    : { cause: 'unreadable', problem: `cannot be read (${code ?? 'unknown error'})` };
}
