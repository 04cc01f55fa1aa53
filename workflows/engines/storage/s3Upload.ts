import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { setTimeout as delay } from 'node:timers/promises';
import { httpStatus } from '../s3/problem.js';
import { systemCode } from '../systemCode.js';
import { writeToken, type S3Bucket } from './s3Bucket.js';
import { describeObject } from './s3Objects.js';
import type { Part } from './s3Part.js';
import { abortUpload, removeKeys, removeUploads } from './s3Remove.js';

const looks = 10;
const betweenLooksMs = 1_000;
const neverSent = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** One upload in parts, from its beginning to its end, whichever that is. */
export class S3Upload {
  private id: string | null = null;
  private readonly parts: CompletedPart[] = [];
  /** Whether an upload may be there that nobody knows the id of: its answer was lost. */
  private mayHaveStray = false;
  /** Whether the object may have come about. */
  private mayBeThere = false;
  private bytes = 0;

  constructor(
    private readonly bucket: S3Bucket,
    private readonly key: string,
    private readonly token: string,
    /** Ends all that has not been asked yet. */
    private readonly signal: AbortSignal,
    /** Ends what is under way as well. */
    private readonly cut: AbortSignal,
  ) {}

  async begin(): Promise<void> {
    this.mayHaveStray = true;
    const answer = await this.bucket.persist(this.signal, () =>
      this.bucket.ask(
        's3:PutObject',
        this.bucket.client.send(
          new CreateMultipartUploadCommand({
            ...this.bucket.at(this.key),
            ChecksumAlgorithm: 'CRC32',
            Metadata: { [writeToken]: this.token },
          }),
          { abortSignal: this.cut },
        ),
      ),
    );
    this.mayHaveStray = answer.$metadata.attempts !== 1;
    this.id = answer.UploadId ?? null;
  }

  /** Sends a part, again where that is needed; the server compares its checksum. */
  async send(number: number, part: Part): Promise<void> {
    const { bucket, signal, cut } = this;
    const client = part.isMemory ? bucket.client : bucket.once;
    const answer = await bucket.persist(signal, () =>
      bucket.ask(
        's3:PutObject',
        client.send(
          new UploadPartCommand({
            ...bucket.at(this.key),
            UploadId: this.id ?? undefined,
            PartNumber: number,
            ContentLength: part.length,
            ...part.body(),
          }),
          { abortSignal: cut },
        ),
      ),
    );
    this.bytes += part.length;
    this.parts.push({ PartNumber: number, ETag: answer.ETag, ChecksumCRC32: answer.ChecksumCRC32 });
  }

  /** Makes the object of its parts. */
  async complete(): Promise<void> {
    this.parts.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
    this.mayBeThere = true;
    const problem = await this.bucket.persist(this.signal, () => this.tryComplete());
    if (problem !== null) throw problem;
    if (this.mayHaveStray) await removeUploads(this.bucket, this.key);
  }

  /**
   * What S3 answers is not always what happened: where it says no, or nothing, a look at the object decides. Throws
   * where S3 said that it has not done it and can be asked again; answers with what must be the end, or null where
   * all is well.
   */
  private async tryComplete(): Promise<unknown> {
    const { bucket, signal, cut } = this;
    try {
      const completion = {
        ...bucket.at(this.key),
        UploadId: this.id ?? undefined,
        MultipartUpload: { Parts: this.parts },
      };
      await bucket.once.send(new CompleteMultipartUploadCommand(completion), { abortSignal: cut });
      return null;
    } catch (error: unknown) {
      signal.throwIfAborted();
      const wasAnswered = httpStatus(error) !== null || neverSent.test(systemCode(error) ?? '');
      const isThere = await this.look(wasAnswered ? 1 : looks).catch((problem: unknown) => ({ problem }));
      if (isThere === true) return null;
      if (isThere !== false) return isThere.problem;
      const problem = bucket.problem(error, 's3:PutObject');
      if (wasAnswered) throw problem;
      return problem;
    }
  }

  /** Whether the object has come about by this upload; looks several times where it still may. */
  private async look(times: number): Promise<boolean> {
    for (let time = 1; ; time += 1) {
      const there = await this.bucket.persist(this.signal, () => describeObject(this.bucket, this.key));
      if (there?.size === this.bytes && (there.token ?? this.token) === this.token) return true;
      if (time === times) return false;
      await delay(betweenLooksMs, undefined, { signal: this.signal });
    }
  }

  /** Leaves nothing; what cannot be removed now is found by a list and removed later. */
  async abandon(): Promise<void> {
    const { bucket, key, id } = this;
    try {
      if (id !== null) await abortUpload(bucket, bucket.at(key).Key, id);
      if (this.mayHaveStray) await removeUploads(bucket, key);
      if (this.mayBeThere) await removeWritten(bucket, key, this.token);
    } catch {
      // Why it is abandoned is what people hear of.
    }
  }
}

/** Removes an object if it came by this write. */
export async function removeWritten(bucket: S3Bucket, key: string, token: string): Promise<void> {
  const there = await describeObject(bucket, key);
  if (there?.token === token) await removeKeys(bucket, key);
}
