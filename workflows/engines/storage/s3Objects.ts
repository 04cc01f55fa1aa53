import { GetObjectCommand, HeadObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { httpStatus, s3Code } from '../s3/problem.js';
import { StepProblem } from '../stepProblem.js';
import { writeToken, type S3Bucket } from './s3Bucket.js';

/** An object as S3 describes it. */
export interface S3Object {
  /** Bytes. */
  size: number;
  /** Which write it came by; null where that was not kept. */
  token: string | null;
}

/** What is asked of an object's content. */
export interface S3Range {
  start: number;
  /** Bytes; null: to the end. */
  length: number | null;
  /** The version that is meant; null: whichever is there. */
  etag: string | null;
}

/** A content under way. */
export interface S3Content {
  body: Readable;
  /** Bytes that will come. */
  length: number;
  etag: string | null;
}

/** Describes an object; null where it is absent, which a missing bucket or a missing right is not. */
export async function describeObject(bucket: S3Bucket, key: string): Promise<S3Object | null> {
  const at = bucket.at(key);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const head = await bucket.client.send(new HeadObjectCommand(at));
      return { size: head.ContentLength ?? 0, token: head.Metadata?.[writeToken] ?? null };
    } catch (error: unknown) {
      const status = httpStatus(error);
      if (status === null || status >= 500 || attempt === 3) throw bucket.problem(error, 's3:GetObject');
      // Such an answer has no words: the same question with a content says whether key, bucket or right is missing.
      if ((await isAbsent(bucket, key)) === true) return null;
    }
  }
}

async function isAbsent(bucket: S3Bucket, key: string): Promise<boolean> {
  const content = await openContent(bucket, key, { start: 0, length: 1, etag: null });
  content?.body.destroy();
  return content === null;
}

/** Opens an object's content or a part of it; null where the object is absent. What lies behind its end is empty. */
export async function openContent(bucket: S3Bucket, key: string, range: S3Range): Promise<S3Content | null> {
  const at = bucket.at(key);
  const isWhole = range.start === 0 && range.length === null;
  const last = range.length === null ? '' : range.start + range.length - 1;
  let answer: GetObjectCommandOutput;
  try {
    answer = await bucket.client.send(
      new GetObjectCommand({
        ...at,
        ...(isWhole ? {} : { Range: `bytes=${range.start}-${last}` }),
        ...(range.etag === null ? {} : { IfMatch: range.etag }),
      }),
    );
  } catch (error: unknown) {
    const code = s3Code(error);
    if (code === 'NoSuchKey') return null;
    if (code === 'InvalidRange') return { body: Readable.from([]), length: 0, etag: null };
    throw bucket.problem(error, 's3:GetObject');
  }
  const body = answer.Body as Readable;
  if (!isWhole && answer.ContentRange === undefined) {
    body.destroy();
    throw new StepProblem(
      'STORAGE_AUTHENTICATION',
      'The backup storage does not give parts of an object (Range)',
      {
        remedy: 'Use a provider that does, then retry.',
      },
    );
  }
  return { body, length: answer.ContentLength ?? 0, etag: answer.ETag ?? null };
}
