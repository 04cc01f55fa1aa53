import { createHash } from 'node:crypto';
import { readSteady, type EntryFacts, type SourceFile, type Unread } from './source.js';

/** A file that stayed the same from before the first byte was read until after the last. */
export interface SmallFile {
  facts: EntryFacts;
  content: Buffer;
  sha256: Buffer;
}

/** Reads a file that fits into memory; `null` where it has grown beyond `limit` bytes. */
export function readSmallFile(file: SourceFile, limit: number): Promise<SmallFile | Unread | null> {
  return readSteady<SmallFile | null>(file, async ({ facts, read }) => {
    if (facts.size > limit) return null;
    const content = Buffer.allocUnsafe(facts.size);
    let length = 0;
    const unread = await read(async (piece) => {
      length += piece.copy(content, length);
    });
    return unread ?? { facts, content, sha256: createHash('sha256').update(content).digest() };
  });
}
