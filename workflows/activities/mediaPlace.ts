import { openMediaKeys } from '#schema/catalogue';
import { mayUseOwnCredentials, mediaBucketProblem, resolveMediaDirectory } from '#schema/config';
import type { S3Place } from '#schema/domain';
import type { Environment } from '#schema/entities';
import type { BucketAddress } from '../engines/media/bucket/openMediaClient.js';
import type { MediaPlace } from '../engines/media/mediaPlace.js';
import { StepProblem } from '../engines/stepProblem.js';
import type { WorkerTools } from './workerTools.js';

type MediaFacts = Pick<Environment, 'id' | 'mediaDirectory' | 'mediaS3' | 'mediaS3KeysSealed'>;

/** Where the environment’s media lie, if they may be read there; throws MEDIA_NOT_FOUND or MEDIA_UNREADABLE where not. */
export async function mediaPlace(tools: WorkerTools, environment: MediaFacts): Promise<MediaPlace> {
  const { mediaDirectory, mediaS3 } = environment;
  if (mediaDirectory) {
    const directory = await allowedRoot(tools, mediaDirectory);
    return { in: 'folder', directory, settleMs: tools.mediaSettleMs };
  }
  if (mediaS3) {
    const refused = await mediaBucketProblem(mediaS3, tools.mediaBuckets);
    if (refused) throw new StepProblem('MEDIA_UNREADABLE', refused.problem, { remedy: correctSettings });
    const address = bucketAddress(tools, environment, mediaS3);
    return { in: 'bucket', address, patienceMs: tools.outagePatienceMs };
  }
  throw new StepProblem('MEDIA_NOT_FOUND', 'The environment has no media configured any more', {
    remedy: 'Say where they lie in the environment’s settings, then retry.',
  });
}

/** The bucket, and as who it is asked: without keys as anybody, unless the operator lends the worker’s credentials. */
export function bucketAddress(tools: WorkerTools, environment: MediaFacts, place: S3Place): BucketAddress {
  const sealed = environment.mediaS3KeysSealed;
  if (sealed) return { place, keys: openMediaKeys(tools.secretBox, environment.id, sealed) };
  return { place, keys: mayUseOwnCredentials(place, tools.mediaBuckets) ? 'own' : 'none' };
}

const correctSettings = 'Correct the environment’s settings, then retry.';

/** The folder with its links resolved, where that may be read: a link set up later may lead elsewhere. */
async function allowedRoot(tools: WorkerTools, directory: string): Promise<string> {
  const { resolved, problem } = await resolveMediaDirectory(directory, tools.mediaRoots);
  if (problem) throw new StepProblem('MEDIA_UNREADABLE', problem);
  return resolved;
}
