import type { Finding } from '#schema/domain';
import { finding } from './finding.js';
import { tryObject } from './media/bucket/bucketObject.js';
import { emptyPrefix } from './media/bucket/bucketSource.js';
import type { Listed } from './media/bucket/folderTree.js';
import { listObjects } from './media/bucket/listObjects.js';
import { MediaBucket, mediaSettings, rightsOwner } from './media/bucket/mediaBucket.js';
import type { BucketAddress } from './media/bucket/openMediaClient.js';
import { isReserved } from './media/reservedNames.js';
import { StepProblem } from './stepProblem.js';

/** How many objects are tried. */
const tried = 5;

/** What a remedy names, and the field that it is. */
const fields = {
  [mediaSettings.endpoint]: 'media.s3.endpoint',
  [mediaSettings.region]: 'media.s3.region',
  [mediaSettings.bucket]: 'media.s3.bucket',
  [mediaSettings.keys]: 'media.s3.accessKeyId',
  [rightsOwner]: 'media.s3.accessKeyId',
  'the prefix in the environment’s settings': 'media.s3.prefix',
};

/** Looks whether media in a bucket can be listed and read, without touching them: empty where nothing stands in the way. */
export async function checkBucket(address: BucketAddress, signal: AbortSignal): Promise<Finding[]> {
  signal.throwIfAborted();
  const bucket = new MediaBucket(address, 0, signal);
  try {
    const objects = await firstObjects(bucket);
    if (objects.length === 0 && bucket.place.prefix !== '') throw emptyPrefix(bucket);
    await tryReading(bucket, objects);
    return [];
  } catch (error: unknown) {
    const problem = isTimeout(signal) ? tooSlow(bucket) : error;
    if (!(problem instanceof StepProblem)) throw problem;
    return [finding(problem.code, fieldOf(problem), problem.message, problem.remedy)];
  } finally {
    bucket.close();
  }
}

async function firstObjects(bucket: MediaBucket): Promise<Listed[]> {
  for await (const page of listObjects(bucket)) {
    const media = page.filter(({ path }) => !isReserved(path));
    if (media.length > 0) return media;
  }
  return [];
}

/** Tries a few objects from all over the page. */
async function tryReading(bucket: MediaBucket, objects: Listed[]): Promise<void> {
  const filled = objects.filter(({ size }) => size > 0);
  const step = Math.max(1, Math.floor(filled.length / tried));
  const barred: string[] = [];
  for (const object of filled.filter((_, index) => index % step === 0).slice(0, tried)) {
    const name = Buffer.from(object.path, 'latin1').toString('utf8');
    const unread = await tryObject(bucket, bucket.place.prefix + name, object);
    if (unread?.cause === 'unreadable') barred.push(`“${name}”`);
  }
  if (barred.length > 0) throw bucket.cannotRead(`Objects such as ${barred.join(', ')} of`);
}

/** The field whose words the remedy has first. */
function fieldOf({ remedy = '' }: StepProblem): string {
  const named = Object.entries(fields)
    .map(([words, field]) => ({ at: remedy.indexOf(words), field }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  return named[0]?.field ?? 'media.s3';
}

function isTimeout(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
}

function tooSlow({ words }: MediaBucket): StepProblem {
  return new StepProblem('MEDIA_UNREADABLE', `The media bucket ${words} did not answer in time`, {
    remedy: `Check that it runs and that ${mediaSettings.endpoint} is right.`,
  });
}
