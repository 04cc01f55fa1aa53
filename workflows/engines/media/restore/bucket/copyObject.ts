import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { MediaBucket } from '../../bucket/mediaBucket.js';
import { headOf, isAbsent, putObject } from './objects.js';
import { answerOf, keyOf } from './writableBucket.js';

/** S3 copies up to 5 GiB in one go; smaller pieces tell more often that something moves. */
const usualPieceBytes = 512 * 1024 * 1024;
const mostPieces = 10_000;

/** What is copied within a bucket; the bytes never leave the provider. */
interface ObjectCopy {
  /** Paths behind the prefix. */
  from: string;
  to: string;
  size: number;
  /** From how many bytes on it is copied piece by piece; 512 MiB where left out. */
  pieceBytes?: number | undefined;
  /** Called whenever something has moved. */
  onStep: () => void;
}

/** Copies an object with what it has beside its content; false where it is no longer there. */
export async function copyObject(bucket: MediaBucket, copy: ObjectCopy): Promise<boolean> {
  const { from, to, size, pieceBytes = usualPieceBytes, onStep } = copy;
  if (size > pieceBytes) return copyInPieces(bucket, copy, pieceBytes);
  // What only stands for a folder cannot be copied at every provider.
  if (to.endsWith('/') && size === 0) return putObject(bucket, to, '').then(() => true);
  const order = { Bucket: bucket.place.bucket, Key: keyOf(bucket, to), CopySource: sourceOf(bucket, from) };
  const isCopied = await answerOf(bucket, 's3:PutObject', () =>
    orAbsent(bucket.client.send(new CopyObjectCommand(order))),
  );
  onStep();
  return isCopied !== null;
}

async function copyInPieces(bucket: MediaBucket, copy: ObjectCopy, pieceBytes: number): Promise<boolean> {
  const { from, to, onStep } = copy;
  const head = await headOf(bucket, from);
  if (!head) return false;
  const { size, headers } = head;
  const target = { Bucket: bucket.place.bucket, Key: keyOf(bucket, to) };
  const ask = <Answer>(send: () => Promise<Answer>) => answerOf(bucket, 's3:PutObject', send);
  const { UploadId } = await ask(() =>
    bucket.client.send(new CreateMultipartUploadCommand({ ...target, ...headers })),
  );
  try {
    const step = Math.max(pieceBytes, Math.ceil(size / mostPieces));
    const Parts: Array<{ PartNumber: number; ETag: string | undefined }> = [];
    for (let at = 0; at < size; at += step) {
      const PartNumber = Parts.length + 1;
      const CopySourceRange = `bytes=${at}-${Math.min(size, at + step) - 1}`;
      const order = { ...target, UploadId, PartNumber, CopySourceRange, CopySource: sourceOf(bucket, from) };
      const { CopyPartResult } = await ask(() => bucket.client.send(new UploadPartCopyCommand(order)));
      Parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
      onStep();
    }
    await ask(() =>
      bucket.client.send(
        new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }),
      ),
    );
    return true;
  } catch (error: unknown) {
    await bucket.client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    throw error;
  }
}

function sourceOf(bucket: MediaBucket, path: string): string {
  return [bucket.place.bucket, ...keyOf(bucket, path).split('/')].map(encodeURIComponent).join('/');
}

async function orAbsent<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error: unknown) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
