import { createHash } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { describe, type Cause } from './walk.js';

/** Why a file was not read. */
export interface Unread {
  cause: Cause | 'changed';
  problem: string;
}

/** A file that stayed the same from before the first byte was read until after the last. */
export interface SmallFile {
  stats: BigIntStats;
  content: Buffer;
  sha256: Buffer;
}

export const changed: Unread = { cause: 'changed', problem: 'changed while it was read' };
/** How often a file that changes meanwhile is read anew. */
export const readAttempts = 3;

/** Never follows a link, never waits for the other end of a pipe. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Reads a file that fits into memory; `null` where it has grown beyond `limit` bytes. */
export async function readSmallFile(path: Buffer, limit: number): Promise<SmallFile | Unread | null> {
  for (let attempt = 1; attempt <= readAttempts; attempt += 1) {
    const read = await withFile(path, async (handle, stats) => {
      if (stats.size > BigInt(limit)) return null;
      const content = Buffer.allocUnsafe(Number(stats.size));
      const length = await fill(handle, content, 0);
      if (typeof length !== 'number') return length;
      if (length < content.length || !isSame(stats, await handle.stat({ bigint: true }))) return changed;
      return { stats, content, sha256: createHash('sha256').update(content).digest() };
    });
    if (read !== changed) return read;
  }
  return changed;
}

/** Lends an open ordinary file with its state before any byte is read; what cannot be opened is an answer. */
export async function withFile<T>(
  path: Buffer,
  use: (handle: FileHandle, stats: BigIntStats) => Promise<T>,
): Promise<T | Unread> {
  let handle: FileHandle;
  try {
    handle = await open(path, flags);
  } catch (error: unknown) {
    return describe(error);
  }
  try {
    const stats = await handle.stat({ bigint: true });
    return stats.isFile() ? await use(handle, stats) : changed;
  } finally {
    await handle.close().catch(() => undefined);
  }
}

/** Fills the buffer from a position in the file; answers how many bytes there were, or why none could be read. */
export async function fill(handle: FileHandle, buffer: Buffer, position: number): Promise<number | Unread> {
  let length = 0;
  try {
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, position + length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
  } catch (error: unknown) {
    return describe(error);
  }
  return length;
}

/** Whether nobody touched the file between two looks at it. */
export function isSame(before: BigIntStats, after: BigIntStats): boolean {
  return (
    before.size === after.size &&
    before.mtimeNs === after.mtimeNs &&
    before.ctimeNs === after.ctimeNs &&
    before.ino === after.ino
  );
}
