import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { ByteRange } from './fileStore.js';

/** How much is read at once, in bytes: a download holds a few of these in memory, however slow its reader. */
const pieceBytes = 128 * 1024;

/**
 * Hands a part of a file over, as fast as the reader takes it. Throws where the file ends early, the reader leaves or the
 * signal fires; closes the file.
 */
export async function pourFile(
  file: FileHandle,
  { start, end }: ByteRange,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  // A stream cannot be told to read nothing.
  if (end < start) return file.close();
  const pieces = file.createReadStream({ start, end, highWaterMark: pieceBytes });
  await pipeline(pieces, response, { signal, end: false });
  const missing = end - start + 1 - pieces.bytesRead;
  if (missing > 0) throw new Error(`The file ends ${missing} bytes too early.`);
}
