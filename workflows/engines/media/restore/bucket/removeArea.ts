import { AbortMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import type { MediaBucket } from '../../bucket/mediaBucket.js';
import { isReserved } from '../../reservedNames.js';
import { removeState } from './bucketJournal.js';
import { holdArea } from './holdArea.js';
import { deleteObject } from './objects.js';
import { sideBySide } from './sideBySide.js';
import { keyOf } from './writableBucket.js';

/** Deletes every object of an area that a restore has made, or of several whose names begin alike. */
export async function removeArea(bucket: MediaBucket, area: string, onStep: () => void): Promise<void> {
  if (!isReserved(area)) throw new TypeError(`“${area}” is no area of a restore`);
  const objects = await holdArea(bucket, area, onStep);
  const folders: string[] = [];
  await sideBySide(objects, bucket.signal, async ({ path }) => {
    if (path.endsWith('/')) folders.push(path);
    else await deleteObject(bucket, area + path);
    onStep();
  });
  // What stands for a folder goes after what is in it: some providers keep both as files.
  for (const path of folders.sort().reverse()) await deleteObject(bucket, area + path);
}

/** The same of what a switch has kept, with its journal; that goes last. */
export async function removeReplaced(bucket: MediaBucket, old: string, onStep: () => void): Promise<void> {
  await removeArea(bucket, old, onStep);
  await removeState(bucket, old);
}

/** Ends uploads that were cut off, which cost room without being objects; a right that lacks for it is no matter. */
export async function endUploads(bucket: MediaBucket, area: string): Promise<void> {
  const Bucket = bucket.place.bucket;
  try {
    const list = new ListMultipartUploadsCommand({ Bucket, Prefix: keyOf(bucket, area) });
    const { Uploads = [] } = await bucket.client.send(list);
    for (const { Key, UploadId } of Uploads) {
      if (Key?.startsWith(keyOf(bucket, area)))
        await bucket.client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    }
  } catch {
    bucket.signal.throwIfAborted();
  }
}
