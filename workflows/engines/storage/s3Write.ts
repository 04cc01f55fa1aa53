import { PutObjectCommand } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { StepProblem } from '../stepProblem.js';
import { Fingerprint } from './fingerprint.js';
import { inTurns } from './inTurns.js';
import { requireSame } from './requireSame.js';
import { writeToken, type S3Bucket } from './s3Bucket.js';
import { describeObject } from './s3Objects.js';
import { openPart, type Part } from './s3Part.js';
import { partSizes } from './s3PartSizes.js';
import { readObject } from './s3Read.js';
import { removeWritten, S3Upload } from './s3Upload.js';
import type { WriteOptions, Written } from './storage.js';

const partsInFlight = 4;
const filesInFlight = 2;
/** So long an answer to what was sent is waited for once a write is given up: what the server still does comes first. */
const graceMs = 2_000;

/** Writes a stream: as it is where it fits into one part, else in parts, several on their way at once. */
export async function writeObject(
  bucket: S3Bucket,
  key: string,
  source: Readable,
  options: WriteOptions,
): Promise<Written> {
  return new S3Write(bucket, key, source, options).run();
}

class S3Write {
  private readonly token = randomUUID();
  private readonly isReadBack: boolean;
  private readonly fingerprint: Fingerprint;
  /** Aborted once the write is given up: nothing more is begun. */
  private readonly halt = new AbortController();
  /** Aborted a moment later: nothing more is waited for. */
  private readonly cut = new AbortController();
  private readonly sizeOf: (number: number) => number | null;
  private readonly upload: S3Upload;
  private readonly sending = new Set<Promise<void>>();
  private isUpload = false;
  private number = 1;
  private size = 0;

  constructor(
    private readonly bucket: S3Bucket,
    private readonly key: string,
    private readonly source: Readable,
    private readonly options: WriteOptions,
  ) {
    const { maxParts, equalParts } = bucket.settings;
    const { expectedBytes = null, hash = true, readBack = false } = options;
    this.isReadBack = readBack || !bucket.capabilities.checksums;
    this.fingerprint = new Fingerprint(hash ? 'sha256' : this.isReadBack ? 'crc32' : 'none');
    this.sizeOf = partSizes({ expectedBytes, maxParts, equalParts });
    this.upload = new S3Upload(bucket, key, this.token, this.halt.signal, this.cut.signal);
  }

  async run(): Promise<Written> {
    const { signal } = this.options;
    const stop = () => this.stop(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    // It may fail before it is read from; the reading then throws its error.
    this.source.on('error', () => undefined);
    try {
      signal.throwIfAborted();
      const last = await this.takeAll();
      const { kind } = this.fingerprint;
      const print = this.fingerprint.end();
      const written = { size: this.size, sha256: kind === 'sha256' ? print : '' };
      await (this.isUpload ? this.finish(last) : this.put(last, written.sha256));
      await this.requireStored(print);
      return written;
    } catch (error: unknown) {
      this.stop(error);
      await Promise.all(this.sending);
      if (this.isUpload) await this.upload.abandon();
      else if (this.size > 0) await removeWritten(this.bucket, this.key, this.token).catch(() => undefined);
      throw this.halt.signal.reason;
    } finally {
      signal.removeEventListener('abort', stop);
      this.source.destroy();
    }
  }

  /** Ends everything under way; the first reason is the one that is told. */
  private stop(reason: unknown): void {
    const error = reason instanceof Error ? reason : new Error('Aborted', { cause: reason });
    this.halt.abort(error);
    this.source.destroy(error);
    setTimeout(() => this.cut.abort(error), graceMs).unref();
  }

  /** Reads the source to its end, sends all parts that became full, and answers with the last one. */
  private async takeAll(): Promise<Part> {
    let part = await this.openPart();
    try {
      for await (const piece of inTurns(this.source as AsyncIterable<Buffer>)) {
        this.fingerprint.add(piece);
        for (let from = 0; from < piece.length;) {
          if (part.isFull) {
            await this.send(part);
            part = await this.openPart();
          }
          from += await part.take(piece.subarray(from));
        }
        this.size += piece.length;
        this.options.onBytes?.(this.size);
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
    if (size !== null) return openPart(size, this.bucket.memory);
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
    while (this.sending.size >= this.mostInFlight(part)) await Promise.race(this.sending);
    this.halt.signal.throwIfAborted();
  }

  private mostInFlight({ isMemory }: Part): number {
    if (!isMemory) return filesInFlight;
    return this.bucket.memory.isShort ? 1 : partsInFlight;
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
              Metadata: { [writeToken]: token, ...(sha256 && { sha256 }) },
              ...part.body(),
            }),
            { abortSignal: this.cut.signal },
          ),
        ),
      );
    } finally {
      await part.release();
    }
  }

  /** What storage says and, where that is asked for, what it gives back must be what was written. */
  private async requireStored(print: string): Promise<void> {
    const { bucket, key, size } = this;
    const { signal } = this.halt;
    const there = await bucket.persist(signal, () => describeObject(bucket, key));
    if (there?.size !== size) {
      throw new StepProblem(
        'STORAGE_UNREACHABLE',
        `The backup storage holds ${there?.size ?? 'none'} of ${size} bytes written`,
      );
    }
    if (!this.isReadBack) return;
    const stored = new Fingerprint(this.fingerprint.kind);
    await requireSame(print, stored, (await readObject(bucket, key)) ?? [], signal);
  }
}
