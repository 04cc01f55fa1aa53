import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { StepProblem } from '../stepProblem.js';
import { writeToken, type S3Bucket } from './s3Bucket.js';
import { describeObject } from './s3Objects.js';
import { openPart, type Part } from './s3Part.js';
import { partSizes } from './s3PartSizes.js';
import { readObject } from './s3Read.js';
import { removeWritten, S3Upload } from './s3Upload.js';
import type { WriteOptions, Written } from './storage.js';

const partsInFlight = 4;
const filesInFlight = 2;
const memoryInFlight = 64 * 1024 * 1024;

/** Writes a stream: as it is where it fits into one part, else in parts, several on their way at once. */
export async function writeObject(
  bucket: S3Bucket,
  key: string,
  source: Readable,
  { signal, onBytes, expectedBytes }: WriteOptions,
): Promise<Written> {
  const write = new S3Write(bucket, key, source, signal, expectedBytes ?? null);
  return write.run(onBytes);
}

class S3Write {
  private readonly token = randomUUID();
  private readonly hash = createHash('sha256');
  private readonly halt = new AbortController();
  private readonly sizeOf: (number: number) => number | null;
  private readonly upload: S3Upload;
  private readonly sending = new Set<Promise<void>>();
  private readonly spare: Buffer[] = [];
  private isUpload = false;
  private number = 1;
  private size = 0;

  constructor(
    private readonly bucket: S3Bucket,
    private readonly key: string,
    private readonly source: Readable,
    private readonly signal: AbortSignal,
    expectedBytes: number | null,
  ) {
    const { maxParts, equalParts } = bucket.settings;
    this.sizeOf = partSizes({ expectedBytes, maxParts, equalParts });
    this.upload = new S3Upload(bucket, key, this.token, this.halt.signal);
  }

  async run(onBytes?: (total: number) => void): Promise<Written> {
    const stop = () => this.stop(this.signal.reason);
    this.signal.addEventListener('abort', stop, { once: true });
    // It may fail before it is read from; the reading then throws its error.
    this.source.on('error', () => undefined);
    try {
      this.signal.throwIfAborted();
      const last = await this.takeAll(onBytes);
      const written = { size: this.size, sha256: this.hash.digest('hex') };
      await (this.isUpload ? this.finish(last) : this.put(last, written.sha256));
      await this.requireStored(written);
      return written;
    } catch (error: unknown) {
      this.stop(error);
      await Promise.all(this.sending);
      if (this.isUpload) await this.upload.abandon();
      else if (this.size > 0) await removeWritten(this.bucket, this.key, this.token).catch(() => undefined);
      throw this.halt.signal.reason;
    } finally {
      this.signal.removeEventListener('abort', stop);
      this.source.destroy();
    }
  }

  /** Ends everything under way; the first reason is the one that is told. */
  private stop(reason: unknown): void {
    const error = reason instanceof Error ? reason : new Error('Aborted', { cause: reason });
    this.halt.abort(error);
    this.source.destroy(error);
  }

  /** Reads the source to its end, sends all parts that became full, and answers with the last one. */
  private async takeAll(onBytes?: (total: number) => void): Promise<Part> {
    let part = await this.openPart();
    try {
      for await (const chunk of this.source as AsyncIterable<Buffer>) {
        this.hash.update(chunk);
        for (let from = 0; from < chunk.length;) {
          if (part.isFull) {
            await this.send(part);
            part = await this.openPart();
          }
          from += await part.take(chunk.subarray(from));
        }
        this.size += chunk.length;
        onBytes?.(this.size);
      }
      this.halt.signal.throwIfAborted();
      return part;
    } catch (error: unknown) {
      await part.release();
      throw error;
    }
  }

  private async openPart(): Promise<Part> {
    const size = this.sizeOf(this.number);
    if (size !== null) return openPart(size, this.spare);
    throw new StepProblem(
      'STORAGE_FULL',
      `What is written does not fit into ${this.bucket.settings.maxParts} parts of equal size`,
      {
        remedy: 'Raise S3_MAX_PARTS or leave S3_EQUAL_PARTS out where the provider allows it, then retry.',
      },
    );
  }

  /** Returns as soon as the part is on its way, and there is room for another one. */
  private async send(part: Part): Promise<void> {
    if (!this.isUpload) {
      this.isUpload = true;
      await this.upload.begin();
    }
    const sent = this.upload
      .send(this.number, part)
      .catch((error: unknown) => this.stop(error))
      .finally(async () => {
        this.sending.delete(sent);
        await part.release();
      });
    this.sending.add(sent);
    this.number += 1;
    const most = part.isMemory
      ? Math.max(1, Math.min(partsInFlight, Math.floor(memoryInFlight / part.length)))
      : filesInFlight;
    while (this.sending.size >= most) await Promise.race(this.sending);
    this.halt.signal.throwIfAborted();
  }

  private async finish(last: Part): Promise<void> {
    if (last.length > 0) await this.send(last);
    await Promise.all(this.sending);
    this.halt.signal.throwIfAborted();
    await this.upload.complete();
  }

  /** Small objects need no upload in parts. */
  private async put(part: Part, sha256: string): Promise<void> {
    const { bucket, key, token } = this;
    const { signal } = this.halt;
    const client = part.isMemory ? bucket.client : bucket.once;
    try {
      await bucket.persist(signal, () =>
        bucket.ask(
          's3:PutObject',
          client.send(
            new PutObjectCommand({
              ...bucket.at(key),
              ContentLength: part.length,
              ChecksumAlgorithm: 'CRC32',
              Metadata: { [writeToken]: token, sha256 },
              ...part.body(),
            }),
            { abortSignal: signal },
          ),
        ),
      );
    } finally {
      await part.release();
    }
  }

  /** What storage says and, where it compares no checksums, what it gives back must be what was written. */
  private async requireStored({ size, sha256 }: Written): Promise<void> {
    const { bucket, key } = this;
    const { signal } = this.halt;
    const there = await bucket.persist(signal, () => describeObject(bucket, key));
    if (there?.size !== size) {
      throw new StepProblem(
        'STORAGE_UNREACHABLE',
        `The backup storage holds ${there?.size ?? 'none'} of ${size} bytes written`,
      );
    }
    if (bucket.capabilities.checksums) return;
    const hash = createHash('sha256');
    for await (const piece of (await readObject(bucket, key)) ?? []) {
      signal.throwIfAborted();
      hash.update(piece as Buffer);
    }
    if (hash.digest('hex') !== sha256) {
      throw new StepProblem(
        'STORAGE_UNREACHABLE',
        'The backup storage gives back other bytes than were written',
      );
    }
  }
}
