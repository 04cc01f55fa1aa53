import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { PackWriter } from './packWriter.js';
import { changed, fill, isSame, readAttempts, withFile, type Unread } from './readFile.js';

const pieceBytes = 1024 * 1024;

/** A file that was read piece by piece. */
export interface StreamedFile {
  stats: BigIntStats;
  sha256: Buffer;
}

/**
 * Streams a file into a pack. A tar announces the size first, so a file that shrinks meanwhile is filled up with
 * zeros, one that grows is cut, and either is read anew; the bytes of a vain attempt stay in the pack unused.
 */
export async function packLargeFile(
  path: Buffer,
  name: string,
  writer: PackWriter,
  onBytes: (bytes: number) => void,
): Promise<StreamedFile | Unread> {
  let told = 0;
  for (let attempt = 1; attempt <= readAttempts; attempt += 1) {
    const packed = await withFile(path, async (handle, stats) => {
      const size = Number(stats.size);
      const offset = await writer.begin({
        name,
        size,
        mode: Number(stats.mode & 0o777n),
        mtime: Number(stats.mtimeMs / 1000n),
      });
      let done = 0;
      const read = await readThrough(handle, size, async (piece) => {
        await writer.write(piece);
        done += piece.length;
        // A file that is read anew does not count twice.
        if (done > told) onBytes(done - told);
        told = Math.max(told, done);
      });
      await writeZeros(writer, size - done);
      const isWhole = 'sha256' in read && isSame(stats, await handle.stat({ bigint: true }));
      await writer.finish(offset, size, isWhole ? read.sha256 : null);
      if ('problem' in read) return read;
      return isWhole ? { stats, sha256: read.sha256 } : changed;
    });
    if (packed !== changed) return packed;
  }
  return changed;
}

/** Reads a file to know its hash only. */
export async function hashLargeFile(path: Buffer, onPiece: () => void): Promise<StreamedFile | Unread> {
  for (let attempt = 1; attempt <= readAttempts; attempt += 1) {
    const hashed = await withFile(path, async (handle, stats) => {
      const read = await readThrough(handle, Number(stats.size), async () => onPiece());
      if ('problem' in read) return read;
      return isSame(stats, await handle.stat({ bigint: true })) ? { stats, sha256: read.sha256 } : changed;
    });
    if (hashed !== changed) return hashed;
  }
  return changed;
}

/** Hands on exactly `size` bytes and answers their hash, or why there were not so many. */
async function readThrough(
  handle: FileHandle,
  size: number,
  onPiece: (piece: Buffer) => Promise<void>,
): Promise<{ sha256: Buffer } | Unread> {
  const hash = createHash('sha256');
  for (let position = 0; position < size;) {
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, size - position));
    const length = await fill(handle, piece, position);
    if (typeof length !== 'number') return length;
    if (length === 0) return changed;
    const got = piece.subarray(0, length);
    hash.update(got);
    await onPiece(got);
    position += length;
  }
  return { sha256: hash.digest() };
}

async function writeZeros(writer: PackWriter, count: number): Promise<void> {
  const zeros = Buffer.alloc(Math.min(count, pieceBytes));
  for (let left = count; left > 0; left -= zeros.length) await writer.write(zeros.subarray(0, left));
}
