import { GetBucketVersioningCommand } from '@aws-sdk/client-s3';
import { listObjects } from '../../bucket/listObjects.js';
import type { BucketAddress } from '../../bucket/openMediaClient.js';
import { isReserved } from '../../reservedNames.js';
import { inBucket } from './writableBucket.js';

/** What there is at the place of media in a bucket, as far as looking tells. */
export interface BucketSurvey {
  /** Whether not one object of the media is there. */
  isEmpty: boolean;
  /** Whether what is overwritten or deleted stays as an earlier version; null where that may not be known. */
  isVersioned: boolean | null;
}

/** Looks at a bucket without touching it. Throws where it cannot be listed. */
export async function surveyBucket(
  order: { address: BucketAddress; patienceMs: number },
  signal: AbortSignal,
): Promise<BucketSurvey> {
  return inBucket(order, signal, async (bucket) => {
    let isEmpty = true;
    for await (const page of listObjects(bucket)) {
      isEmpty = page.every(({ path }) => isReserved(path));
      if (!isEmpty) break;
    }
    const ask = new GetBucketVersioningCommand({ Bucket: bucket.place.bucket });
    const isVersioned = await bucket.client.send(ask).then(
      ({ Status }) => Status === 'Enabled',
      () => null,
    );
    return { isEmpty, isVersioned };
  });
}
