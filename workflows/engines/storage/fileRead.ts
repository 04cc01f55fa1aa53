import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';

const chunkBytes = 256 * 1024;

/** Streams an open file, or `length` bytes of it from `start`, and closes it however the reading ends. */
export function readFileRange(
  handle: FileHandle,
  range: { start: number; length: number } | undefined,
  toProblem: (error: unknown) => Promise<unknown>,
): Readable {
  let position = range?.start ?? 0;
  const end = range ? range.start + range.length : Number.POSITIVE_INFINITY;

  async function next(): Promise<Buffer | null> {
    const wanted = Math.min(chunkBytes, end - position);
    if (wanted <= 0) return null;
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position);
    position += bytesRead;
    return bytesRead === 0 ? null : buffer.subarray(0, bytesRead);
  }

  return new Readable({
    highWaterMark: chunkBytes,
    read() {
      next().then(
        (chunk) => this.push(chunk),
        async (error: unknown) => this.destroy((await toProblem(error)) as Error),
      );
    },
    destroy(error, done) {
      handle.close().then(
        () => done(error),
        (failure: Error) => done(error ?? failure),
      );
    },
  });
}
