import { mediaBucketProblem } from '#schema/config';
import type { Environment } from '#schema/entities';
import type { BucketAddress } from '../../engines/media/bucket/openMediaClient.js';
import { StepProblem } from '../../engines/stepProblem.js';
import { bucketAddress } from '../mediaPlace.js';
import type { WorkerTools } from '../workerTools.js';

/** The bucket with the destination’s media, and how long it is waited for. */
export interface DestinationBucket {
  address: BucketAddress;
  patienceMs: number;
}

/** That bucket, if media may be put there; null where they lie in none. Throws where nobody may write. */
export async function destinationBucket(
  tools: WorkerTools,
  environment: Environment,
): Promise<DestinationBucket | null> {
  const { mediaS3 } = environment;
  if (!mediaS3) return null;
  const refused = await mediaBucketProblem(mediaS3, tools.mediaBuckets);
  if (refused) throw new StepProblem('MEDIA_RESTORE_FAILED', refused.problem);
  const address = bucketAddress(tools, environment, mediaS3);
  if (address.keys === 'none') {
    throw new StepProblem(
      'MEDIA_RESTORE_FAILED',
      `The media bucket “${mediaS3.bucket}/${mediaS3.prefix}” is read without keys, so nothing can be written there`,
      { remedy: 'Give keys that may write in the environment’s settings, then retry.' },
    );
  }
  return { address, patienceMs: tools.outagePatienceMs };
}
