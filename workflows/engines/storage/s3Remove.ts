import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListPartsCommand,
  type _Error,
} from '@aws-sdk/client-s3';
import { httpStatus, s3Code } from '../s3/problem.js';
import type { S3Bucket } from './s3Bucket.js';
import { objectsUnder, uploadsUnder } from './s3List.js';
import { keyNames, partialOf } from './storageKey.js';

/** S3 takes no more in one call. */
const batchSize = 1_000;
const abortTries = 5;

/** Removes what has exactly this key, or all below a prefix that ends in `/`; unfinished uploads included. */
export async function removeKeys(bucket: S3Bucket, keyOrPrefix: string): Promise<void> {
  if (!keyOrPrefix.endsWith('/')) return removeKey(bucket, keyOrPrefix);
  keyNames(keyOrPrefix.slice(0, -1));
  const name = bucket.settings.prefix + keyOrPrefix;
  for await (const upload of uploadsUnder(bucket, name))
    await abortUpload(bucket, upload.Key, upload.UploadId);
  let batch: string[] = [];
  for await (const { Key } of objectsUnder(bucket, name)) {
    if (Key) batch.push(Key);
    if (batch.length < batchSize) continue;
    await deleteBatch(bucket, batch);
    batch = [];
  }
  if (batch.length > 0) await deleteBatch(bucket, batch);
}

async function removeKey(bucket: S3Bucket, key: string): Promise<void> {
  const { Key } = bucket.at(key);
  const partial = partialOf(key);
  if (partial) await abortUpload(bucket, bucket.at(partial.key).Key, partial.random);
  await removeUploads(bucket, key);
  await bucket.ask(
    's3:DeleteObject',
    bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.name, Key })),
  );
}

/** Gives up all unfinished uploads of exactly this key. */
export async function removeUploads(bucket: S3Bucket, key: string): Promise<void> {
  const { Key } = bucket.at(key);
  for await (const upload of uploadsUnder(bucket, Key)) {
    if (upload.Key === Key) await abortUpload(bucket, upload.Key, upload.UploadId);
  }
}

/** Gives up an upload, again until nothing of it is left: a part that came in meanwhile would stay and cost. */
export async function abortUpload(
  bucket: S3Bucket,
  Key: string | undefined,
  UploadId: string | undefined,
): Promise<void> {
  const upload = { Bucket: bucket.name, Key, UploadId };
  for (let attempt = 1; attempt <= abortTries; attempt += 1) {
    try {
      await bucket.client.send(new AbortMultipartUploadCommand(upload));
      const { Parts } = await bucket.client.send(new ListPartsCommand(upload));
      if (!Parts?.length) return;
    } catch (error: unknown) {
      const status = httpStatus(error);
      // Not there: that is what was wanted. What cannot be looked at was given up without a complaint.
      const isGone = s3Code(error) === 'NoSuchUpload' || (s3Code(error) === 'NoSuchKey' && status === 404);
      if (isGone) return;
      throw bucket.problem(error, 's3:AbortMultipartUpload');
    }
  }
}

async function deleteBatch(bucket: S3Bucket, names: string[]): Promise<void> {
  let left = names;
  let failed: _Error[] = [];
  for (let attempt = 1; attempt <= 3 && left.length > 0; attempt += 1) {
    failed = await tryBatch(bucket, left);
    left = failed.flatMap(({ Key }) => Key ?? []);
  }
  const [first] = failed;
  if (!first) return;
  const status = first.Code === 'AccessDenied' ? 403 : 503;
  const error = Object.assign(new Error(), { name: first.Code ?? '', $metadata: { httpStatusCode: status } });
  throw bucket.problem(error, 's3:DeleteObject');
}

async function tryBatch(bucket: S3Bucket, names: string[]): Promise<_Error[]> {
  try {
    const answer = await bucket.client.send(
      new DeleteObjectsCommand({
        Bucket: bucket.name,
        Delete: { Quiet: true, Objects: names.map((Key) => ({ Key })) },
      }),
    );
    return answer.Errors ?? [];
  } catch (error: unknown) {
    if (!/^(NotImplemented|MethodNotAllowed|MissingContentMD5)$/.test(s3Code(error))) {
      throw bucket.problem(error, 's3:DeleteObject');
    }
  }
  // A provider that removes objects only one by one.
  for (const Key of names) {
    await bucket.ask(
      's3:DeleteObject',
      bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.name, Key })),
    );
  }
  return [];
}
