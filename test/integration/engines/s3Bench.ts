import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { S3Settings } from '../../../workflows/engines/storage/s3Bucket.js';
import { openStorage } from '../../../workflows/engines/storage/openStorage.js';
import type { Storage } from '../../../workflows/engines/storage/storage.js';
import type { S3Server } from '../../support/s3Server.js';

export const mebibyte = 1024 * 1024;

/** Storage in a bucket of a server, with what differs from the usual. */
export function storageIn(
  server: S3Server,
  bucket: string,
  changes: Partial<S3Settings> = {},
  maxBytesPerSecond?: number,
): Storage {
  return openStorage({
    maxBytesPerSecond: maxBytesPerSecond ?? null,
    s3: {
      endpoint: server.endpoint,
      region: null,
      keys: server.keys,
      bucket,
      prefix: '',
      maxParts: 10_000,
      equalParts: false,
      patienceMs: 20_000,
      ...changes,
    },
  });
}

const piece = randomBytes(mebibyte);

/** A stream of so many mebibytes; `each` is awaited before every one. */
export function mebibytes(
  count: number,
  each: (index: number) => Promise<void> = async () => undefined,
): Readable {
  return Readable.from(
    (async function* () {
      for (let index = 0; index < count; index += 1) {
        await each(index);
        yield piece;
      }
    })(),
  );
}
