import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type ListMultipartUploadsCommandOutput,
  type MultipartUpload,
  type _Object,
} from '@aws-sdk/client-s3';
import { StepProblem } from '../stepProblem.js';
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
  const seen = new Set<string>();
  let token: string | undefined;
  for (;;) {
    const page = await bucket.ask(
      's3:ListBucket',
      bucket.client.send(
        new ListObjectsV2Command({ Bucket: bucket.name, Prefix: name, ContinuationToken: token }),
      ),
    );
    yield* page.Contents ?? [];
    const next = page.IsTruncated ? page.NextContinuationToken : undefined;
    if (!next) return;
    if (seen.has(next)) throw circling();
    seen.add(next);
    token = next;
  }
}

/** All unfinished uploads whose name in the bucket begins so; none where the provider cannot tell. */
export async function* uploadsUnder(bucket: S3Bucket, name: string): AsyncIterable<MultipartUpload> {
  if (!bucket.capabilities.listsUploads) return;
  const seen = new Set<string>();
  let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    const page: ListMultipartUploadsCommandOutput = await bucket.ask(
      's3:ListBucketMultipartUploads',
      bucket.client.send(new ListMultipartUploadsCommand({ Bucket: bucket.name, Prefix: name, ...marker })),
    );
    yield* page.Uploads ?? [];
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
    if (!page.IsTruncated || !KeyMarker) return;
    const here = JSON.stringify([KeyMarker, UploadIdMarker]);
    if (seen.has(here)) throw circling();
    seen.add(here);
    marker = { KeyMarker, ...(UploadIdMarker ? { UploadIdMarker } : {}) };
  }
}

/** A list that leads back to the page it came from has no end, and is not the whole list either. */
function circling(): StepProblem {
  return new StepProblem('STORAGE_UNREACHABLE', 'The backup storage lists the same page again and again', {
    remedy: 'Use a provider or a version of it that lists what it holds, then retry.',
  });
}
