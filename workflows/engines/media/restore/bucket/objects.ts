import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { MediaBucket } from '../../bucket/mediaBucket.js';
import { httpStatus, s3Code } from '../../../s3/problem.js';
import { answerOf, keyOf } from './writableBucket.js';

/** What an object has beside its content, as S3 takes it. */
export interface ObjectHeaders {
  ContentType?: string | undefined;
  CacheControl?: string | undefined;
  ContentDisposition?: string | undefined;
  ContentEncoding?: string | undefined;
  ContentLanguage?: string | undefined;
  Metadata?: Record<string, string> | undefined;
}

/** Puts an object that is held in memory. */
export async function putObject(
  bucket: MediaBucket,
  path: string,
  body: Buffer | string,
  headers: ObjectHeaders = {},
): Promise<void> {
  const order = { Bucket: bucket.place.bucket, Key: keyOf(bucket, path), Body: body, ...headers };
  await answerOf(bucket, 's3:PutObject', () => bucket.client.send(new PutObjectCommand(order)));
}

/** Deletes an object; what is not there is fine. */
export async function deleteObject(bucket: MediaBucket, path: string): Promise<void> {
  const order = { Bucket: bucket.place.bucket, Key: keyOf(bucket, path) };
  await answerOf(bucket, 's3:DeleteObject', () =>
    bucket.client.send(new DeleteObjectCommand(order)).catch((error: unknown) => {
      if (!isAbsent(error)) throw error;
    }),
  );
}

/** A small object’s content as text; null where there is none. */
export async function readText(bucket: MediaBucket, path: string): Promise<string | null> {
  const order = { Bucket: bucket.place.bucket, Key: keyOf(bucket, path) };
  return answerOf(bucket, 's3:GetObject', async () => {
    try {
      const { Body } = await bucket.client.send(new GetObjectCommand(order));
      return (await Body?.transformToString()) ?? '';
    } catch (error: unknown) {
      if (isAbsent(error)) return null;
      throw error;
    }
  });
}

/** An object’s size and what it has beside its content; null where there is none. */
export async function headOf(
  bucket: MediaBucket,
  path: string,
): Promise<{ size: number; headers: ObjectHeaders } | null> {
  const order = { Bucket: bucket.place.bucket, Key: keyOf(bucket, path) };
  return answerOf(bucket, 's3:GetObject', async () => {
    try {
      const head = await bucket.client.send(new HeadObjectCommand(order));
      const { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Metadata } =
        head;
      const headers = { ContentType, CacheControl, ContentDisposition, ContentLanguage, Metadata };
      return {
        size: head.ContentLength ?? 0,
        headers: { ...headers, ContentEncoding: ContentEncoding || undefined },
      };
    } catch (error: unknown) {
      if (isAbsent(error)) return null;
      throw error;
    }
  });
}

/** Whether S3 says that there is no such object; a bucket that is gone is something else. */
export function isAbsent(error: unknown): boolean {
  return httpStatus(error) === 404 && s3Code(error) !== 'NoSuchBucket';
}
