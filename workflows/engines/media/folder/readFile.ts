import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, readSync, type BigIntStats } from 'node:fs';
import { changed, readAttempts, type Content, type ReadSmall, type Unread } from '../source.js';
import { describe, factsOf } from './fileFacts.js';
import { openInPlace } from './openInPlace.js';

const pieceBytes = 1024 * 1024;

/** Never waits for the other end of a pipe. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK;

/** A file that was walked past. */
interface FoundFile {
  path: string | Buffer;
  /** For how long after a change it has no fingerprint. */
  settleMs: number;
}

/** Reads an ordinary file whole, at once, and anew where it changed meanwhile; null where it is too large. */
export function readSmall(found: FoundFile, limit: number, take: (size: number) => Buffer): ReadSmall {
  let answer: ReadSmall = changed;
  for (let attempt = 1; attempt <= readAttempts && answer === changed; attempt += 1) {
    answer = readOnce(found, limit, take);
  }
  return answer;
}

function readOnce({ path, settleMs }: FoundFile, limit: number, take: (size: number) => Buffer): ReadSmall {
  const file = openInPlace(path, flags);
  if (typeof file !== 'number') return file;
  try {
    const stats = fstatSync(file, { bigint: true });
    if (!stats.isFile()) return changed;
    const facts = factsOf(stats, settleMs);
    if (facts.size > limit) return null;
    const content = take(facts.size);
    const length = fill(file, content, 0);
    if (typeof length !== 'number') return length;
    if (length < content.length || !isSame(stats, fstatSync(file, { bigint: true }))) return changed;
    return { facts, content, sha256: hash('sha256', content, 'buffer') };
  } finally {
    closeSync(file);
  }
}

/** Lends the content of an ordinary file; what cannot be opened is an answer. */
export async function withFile<T>(
  { path, settleMs }: FoundFile,
  use: (content: Content) => Promise<T>,
): Promise<T | Unread> {
  const file = openInPlace(path, flags);
  if (typeof file !== 'number') return file;
  try {
    const stats = fstatSync(file, { bigint: true });
    if (!stats.isFile()) return changed;
    return await use({
      facts: factsOf(stats, settleMs),
      read: (onPiece) => readThrough(file, stats, onPiece),
    });
  } finally {
    closeSync(file);
  }
}

async function readThrough(
  file: number,
  stats: BigIntStats,
  onPiece: (piece: Buffer) => Promise<void>,
): Promise<Unread | null> {
  const size = Number(stats.size);
  for (let position = 0; position < size;) {
    // Whoever takes a piece keeps it.
    const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, size - position));
    const length = fill(file, piece, position);
    if (typeof length !== 'number') return length;
    if (length === 0) return changed;
    await onPiece(piece.subarray(0, length));
    position += length;
  }
  return isSame(stats, fstatSync(file, { bigint: true })) ? null : changed;
}

/** Fills the buffer from a position in the file; answers how many bytes there were, or why none could be read. */
function fill(file: number, buffer: Buffer, position: number): number | Unread {
  let length = 0;
  try {
    while (length < buffer.length) {
      const read = readSync(file, buffer, length, buffer.length - length, position + length);
      if (read === 0) break;
      length += read;
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
