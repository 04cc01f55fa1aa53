import { createHash } from 'node:crypto';
import { readSteady, type ReadSmall, type SmallFile, type SourceFile } from './source.js';

/** Reads a file that fits into memory, where it comes piece by piece. */
export function readSmallFile(
  file: Pick<SourceFile, 'withContent'>,
  limit: number,
  take: (size: number) => Buffer,
): Promise<ReadSmall> {
  return readSteady<SmallFile | null>(file, async ({ facts, read }) => {
    if (facts.size > limit) return null;
    const content = take(facts.size);
    let length = 0;
    const unread = await read(async (piece) => {
      length += piece.copy(content, length);
    });
    return unread ?? { facts, content, sha256: createHash('sha256').update(content).digest() };
  });
}
