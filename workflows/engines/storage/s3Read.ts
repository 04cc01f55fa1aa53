import { setTimeout as delay } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { StepProblem } from '../stepProblem.js';
import type { S3Bucket } from './s3Bucket.js';
import { openContent, type S3Content } from './s3Objects.js';

/** How often a reading that was cut off is gone on with without a byte having come. */
const fruitlessTries = 5;

/**
 * A stream of an object or of `length` bytes from `start`; null where it is absent. A connection that is cut off is
 * replaced: the reading goes on where it was.
 */
export async function readObject(
  bucket: S3Bucket,
  key: string,
  range?: { start: number; length: number },
): Promise<Readable | null> {
  const start = range?.start ?? 0;
  const length = range ? Math.max(range.length, 1) : null;
  const first = await openContent(bucket, key, { start, length, etag: null });
  if (!first) return null;
  if (range?.length === 0) {
    first.body.destroy();
    return Readable.from([]);
  }
  const reading = new Reading(bucket, key, start, first);
  const stream = Readable.from(reading.pieces(), { objectMode: false, highWaterMark: 256 * 1024 });
  stream.once('close', () => reading.stop());
  return stream;
}

class Reading {
  private body: Readable;
  private isStopped = false;
  private readonly end: number;

  constructor(
    private readonly bucket: S3Bucket,
    private readonly key: string,
    private position: number,
    private readonly first: S3Content,
  ) {
    this.body = first.body;
    this.end = position + first.length;
  }

  async *pieces(): AsyncGenerator<Buffer> {
    for (let fruitless = 0; this.position < this.end; fruitless += 1) {
      try {
        if (fruitless > 0) this.body = await this.goOn(fruitless);
        for await (const piece of this.body as AsyncIterable<Buffer>) {
          fruitless = 0;
          this.position += piece.length;
          yield piece;
        }
      } catch (error: unknown) {
        const isFinal = error instanceof StepProblem && error.code !== 'STORAGE_UNREACHABLE';
        if (this.isStopped || isFinal || fruitless >= fruitlessTries) throw this.cutOff(error);
      }
    }
  }

  stop(): void {
    this.isStopped = true;
    this.body.destroy();
  }

  private async goOn(attempt: number): Promise<Readable> {
    await delay(Math.min(5_000, 100 * 2 ** attempt));
    const length = this.end - this.position;
    const next = await openContent(this.bucket, this.key, {
      start: this.position,
      length,
      etag: this.first.etag,
    });
    if (next?.length !== length) {
      next?.body.destroy();
      throw new StepProblem(
        'STORAGE_AUTHENTICATION',
        'What was being read in the backup storage is no longer there',
        {
          remedy: 'Find out who changes the bucket, then retry.',
        },
      );
    }
    return next.body;
  }

  private cutOff(error: unknown): unknown {
    if (error instanceof StepProblem) return error;
    const problem = this.bucket.problem(error, 's3:GetObject');
    if (problem instanceof StepProblem) return problem;
    return new StepProblem('STORAGE_UNREACHABLE', 'The backup storage cut a reading off');
  }
}
