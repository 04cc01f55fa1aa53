import { FileStorage } from './file.js';
import { S3Storage } from './s3.js';
import type { S3Settings } from './s3Bucket.js';
import type { Storage } from './storage.js';
import { throttled } from './throttle.js';

/** How storage is set up: in a folder that is there (its absolute path) or in a bucket. */
export type StorageSettings = ({ directory: string } | { s3: S3Settings }) & {
  /** Limit for what all writes together take in, in bytes per second; none where left out. */
  maxBytesPerSecond?: number | null;
};

/** The storage that the settings describe; nothing is asked of it yet. */
export function openStorage(settings: StorageSettings): Storage {
  const storage = 's3' in settings ? new S3Storage(settings.s3) : new FileStorage(settings.directory);
  return settings.maxBytesPerSecond ? throttled(storage, settings.maxBytesPerSecond) : storage;
}
