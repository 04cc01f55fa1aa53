import { constants, type BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { changed, type Content, type Unread } from '../source.js';
import { describe, factsOf } from './fileFacts.js';

const pieceBytes = 1024 * 1024;

/** Never follows a link, never waits for the other end of a pipe. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Lends the content of an ordinary file; what cannot be opened is an answer. */
export async function withFile<T>(path: Buffer, use: (content: Content) => Promise<T>): Promise<T | Unread> {
  let handle: FileHandle;
  try {
    handle = await open(path, flags);
  } catch (error: unknown) {
    return describe(error);
  }
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) return changed;
    return await use({ facts: factsOf(stats), read: (onPiece) => readThrough(handle, stats, onPiece) });
  } finally {
    await handle.close().catch(() => undefined);
  }
}

async function readThrough(
  handle: FileHandle,
  stats: BigIntStats,
  onPiece: (piece: Buffer) => Promise<void>,
): Promise<Unread | null> {
  const size = Number(stats.size);
  for (let position = 0; position < size;) {
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, size - position));
    const length = await fill(handle, piece, position);
    if (typeof length !== 'number') return length;
    if (length === 0) return changed;
    await onPiece(piece.subarray(0, length));
    position += length;
  }
  return isSame(stats, await handle.stat({ bigint: true })) ? null : changed;
}

/** Fills the buffer from a position in the file; answers how many bytes there were, or why none could be read. */
async function fill(handle: FileHandle, buffer: Buffer, position: number): Promise<number | Unread> {
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
function isSame(before: BigIntStats, after: BigIntStats): boolean {
  return (
    before.size === after.size &&
    before.mtimeNs === after.mtimeNs &&
    before.ctimeNs === after.ctimeNs &&
    before.ino === after.ino
  );
}
