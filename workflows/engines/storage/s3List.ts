import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type ListMultipartUploadsCommandOutput,
  type MultipartUpload,
  type _Object,
} from '@aws-sdk/client-s3';
import type { S3Bucket } from './s3Bucket.js';
import type { StoredObject } from './storage.js';
import { keyNames, partialKey } from './storageKey.js';

/** Everything under a prefix: objects, and unfinished uploads as `<key>.partial-<upload>` of unknown size. */
export async function* listKeys(bucket: S3Bucket, prefix: string): AsyncIterable<StoredObject> {
  const cut = prefix.lastIndexOf('/');
  if (cut >= 0) keyNames(prefix.slice(0, cut));
  const name = bucket.settings.prefix + prefix;
  for await (const { Key, Size } of objectsUnder(bucket, name)) {
    const key = bucket.keyOf(Key);
    if (key !== null) yield { key, size: Size ?? 0 };
  }
  for await (const { Key, UploadId } of uploadsUnder(bucket, name)) {
    const key = bucket.keyOf(Key);
    if (key !== null && UploadId) yield { key: partialKey(key, UploadId), size: 0 };
  }
}

/** All objects whose name in the bucket begins so. */
export async function* objectsUnder(bucket: S3Bucket, name: string): AsyncIterable<_Object> {
  let token: string | undefined;
  do {
    const page = await bucket.ask(
      's3:ListBucket',
      bucket.client.send(
        new ListObjectsV2Command({ Bucket: bucket.name, Prefix: name, ContinuationToken: token }),
      ),
    );
    yield* page.Contents ?? [];
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token);
}

/** All unfinished uploads whose name in the bucket begins so; none where the provider cannot tell. */
export async function* uploadsUnder(bucket: S3Bucket, name: string): AsyncIterable<MultipartUpload> {
  if (!bucket.capabilities.listsUploads) return;
  let marker: { KeyMarker?: string; UploadIdMarker?: string } | null = {};
  while (marker) {
    const page: ListMultipartUploadsCommandOutput = await bucket.ask(
      's3:ListBucketMultipartUploads',
      bucket.client.send(new ListMultipartUploadsCommand({ Bucket: bucket.name, Prefix: name, ...marker })),
    );
    yield* page.Uploads ?? [];
    const { NextKeyMarker, NextUploadIdMarker } = page;
    marker =
      page.IsTruncated && NextKeyMarker
        ? { KeyMarker: NextKeyMarker, ...(NextUploadIdMarker ? { UploadIdMarker: NextUploadIdMarker } : {}) }
        : null;
  }
}
