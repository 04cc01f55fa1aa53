import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { StepProblem } from '../../stepProblem.js';
import type { EngineStorage } from '../../storage/storage.js';
import { systemCode } from '../../systemCode.js';

const chunkBytes = 64 * 1024;
/** Longer than any line of ours: two paths of 4 KiB, each byte written with six characters. */
const longestLine = 64 * 1024;

/** What is read, and as what sentences call it. */
export interface LinesOrder {
  storage: EngineStorage;
  key: string;
  /** Hex SHA-256 of the lines; null where none is known. */
  sha256: string | null;
  /** E.g. `The manifest of the media`. */
  what: string;
  signal: AbortSignal;
}

/**
 * The lines of a gzipped object, many at once. That they are what was written is known only once the last came: it
 * throws BACKUP_DAMAGED in its place otherwise.
 */
export async function* gunzippedLines({
  storage,
  key,
  sha256,
  what,
  signal,
}: LinesOrder): AsyncGenerator<string[]> {
  signal.throwIfAborted();
  const stored = await storage.read(key);
  if (!stored) throw new StepProblem('BACKUP_DAMAGED', `${what} is no longer in the backup storage`);
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  pipeline(stored, gunzip, () => undefined);
  const stop = () => gunzip.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  const hash = createHash('sha256');
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      hash.update(chunk);
      const whole = chunk.lastIndexOf(0x0a) + 1;
      if (whole > 0) {
        yield Buffer.concat([rest, chunk.subarray(0, whole - 1)])
          .toString()
          .split('\n');
        rest = chunk.subarray(whole);
      } else {
        rest = Buffer.concat([rest, chunk]);
      }
      if (rest.length > longestLine)
        throw new StepProblem('BACKUP_DAMAGED', `${what} has a line without an end`);
    }
  } catch (error: unknown) {
    signal.throwIfAborted();
    if (!isOfGzip(error)) throw error;
    throw new StepProblem('BACKUP_DAMAGED', `${what} cannot be decompressed`, { cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
    gunzip.destroy();
    stored.destroy();
  }
  if (rest.length > 0) throw new StepProblem('BACKUP_DAMAGED', `${what} ends in the middle of a line`);
  if (sha256 !== null && hash.digest('hex') !== sha256) {
    throw new StepProblem('BACKUP_DAMAGED', `${what} is not what was written: its SHA-256 is another`);
  }
}

function isOfGzip(error: unknown): boolean {
  return systemCode(error)?.startsWith('Z_') ?? false;
}
