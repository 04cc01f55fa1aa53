import type { Readable } from 'node:stream';
import { S3Bucket, type S3Settings } from './s3Bucket.js';
import { listKeys } from './s3List.js';
import { describeObject } from './s3Objects.js';
import { probeBucket } from './s3Probe.js';
import { readObject } from './s3Read.js';
import { removeKeys } from './s3Remove.js';
import { sealObject } from './s3Seal.js';
import { writeObject } from './s3Write.js';
import type { Probed, Storage, StoredObject, WriteOptions, Written } from './storage.js';
import { keyNames } from './storageKey.js';

/** Keeps backups in a bucket of S3 or of a provider that speaks it; writes nothing before a probe has passed. */
export class S3Storage implements Storage {
  private readonly bucket: S3Bucket;
  private probing: Promise<Probed> | null = null;

  constructor(settings: S3Settings) {
    this.bucket = new S3Bucket(settings);
  }

  async write(key: string, source: Readable, options: WriteOptions): Promise<Written> {
    source.on('error', () => undefined);
    try {
      keyNames(key);
      options.signal.throwIfAborted();
      await unlessAborted(this.probed(), options.signal);
    } catch (error: unknown) {
      source.destroy();
      throw error;
    }
    return writeObject(this.bucket, key, source, options);
  }

  async seal(key: string, bytes: Buffer): Promise<'sealed' | 'exists'> {
    await this.probed();
    return sealObject(this.bucket, key, bytes);
  }

  async stat(key: string): Promise<StoredObject | null> {
    const found = await describeObject(this.bucket, key);
    return found && { key, size: found.size };
  }

  async read(key: string, range?: { start: number; length: number }): Promise<Readable | null> {
    return readObject(this.bucket, key, range);
  }

  list(prefix: string): AsyncIterable<StoredObject> {
    return listKeys(this.bucket, prefix);
  }

  async remove(keyOrPrefix: string): Promise<void> {
    await removeKeys(this.bucket, keyOrPrefix);
  }

  localFile(): null {
    return null;
  }

  async probe(): Promise<Probed> {
    const probing = probeBucket(this.bucket);
    this.probing = probing;
    // One that failed is not asked about again, but tried anew.
    probing.catch(() => {
      if (this.probing === probing) this.probing = null;
    });
    return probing;
  }

  private probed(): Promise<Probed> {
    return this.probing ?? this.probe();
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
