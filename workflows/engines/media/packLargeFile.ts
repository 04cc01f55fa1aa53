import { createHash } from 'node:crypto';
import type { PackWriter } from './packWriter.js';
import { readSteady, type EntryFacts, type SourceFile, type Unread } from './source.js';
import { tarFacts } from './tarEntry.js';

const pieceBytes = 1024 * 1024;

/** A file that was read piece by piece. */
export interface StreamedFile {
  facts: EntryFacts;
  sha256: Buffer;
}

/**
 * Streams a file into a pack, whose id it answers. A tar announces the size first, so a file that shrinks meanwhile is
 * filled up with zeros, one that grows is cut, and either is read anew; the bytes of a vain attempt stay in the pack
 * unused.
 */
export function packLargeFile(
  file: SourceFile,
  name: string,
  writer: PackWriter,
  onBytes: (bytes: number) => void,
): Promise<(StreamedFile & { pack: string }) | Unread> {
  let told = 0;
  return readSteady<StreamedFile & { pack: string }>(file, async ({ facts, read }) => {
    const { pack, offset } = await writer.begin({ name, ...tarFacts(facts) });
    const hash = createHash('sha256');
    let done = 0;
    const unread = await read(async (piece) => {
      hash.update(piece);
      done += piece.length;
      await writer.write(piece);
      // A file that is read anew does not count twice.
      if (done > told) onBytes(done - told);
      told = Math.max(told, done);
    });
    await writeZeros(writer, facts.size - done);
    const sha256 = hash.digest();
    await writer.finish(offset, facts.size, unread ? null : sha256);
    return unread ?? { facts, sha256, pack };
  });
}

/** Reads a file to know its hash only. */
export function hashLargeFile(file: SourceFile, onPiece: () => void): Promise<StreamedFile | Unread> {
  return readSteady<StreamedFile>(file, async ({ facts, read }) => {
    const hash = createHash('sha256');
    const unread = await read(async (piece) => {
      hash.update(piece);
      onPiece();
    });
    return unread ?? { facts, sha256: hash.digest() };
  });
}

async function writeZeros(writer: PackWriter, count: number): Promise<void> {
  const zeros = Buffer.alloc(Math.min(count, pieceBytes / 8));
  for (let left = count; left > 0; left -= zeros.length) await writer.write(zeros.subarray(0, left));
}
