import { MediaBucket } from '../../bucket/mediaBucket.js';
import type { BucketAddress } from '../../bucket/openMediaClient.js';

/** A bucket that is restored to: `MediaBucket` whose problems are those of a restore. Close it when done. */
function writableBucket(address: BucketAddress, patienceMs: number, signal: AbortSignal): MediaBucket {
  return new MediaBucket(address, patienceMs, signal, {
    unreachable: 'MEDIA_UNREADABLE',
    refused: 'MEDIA_RESTORE_FAILED',
    absent: 'MEDIA_NOT_FOUND',
    full: 'DESTINATION_FULL',
  });
}

/** Lends such a bucket; an abort’s reason is what is thrown then. */
export async function inBucket<Result>(
  { address, patienceMs }: { address: BucketAddress; patienceMs: number },
  signal: AbortSignal,
  use: (bucket: MediaBucket) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const bucket = writableBucket(address, patienceMs, signal);
  try {
    return await use(bucket);
  } catch (error: unknown) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    bucket.close();
  }
}

/** An answer of S3’s, or a `StepProblem`; `action` is the right that it takes. */
export async function answerOf<Answer>(
  bucket: MediaBucket,
  action: string,
  send: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await bucket.ask(action, send);
  } catch (error: unknown) {
    throw bucket.problem(error, action);
  }
}

/** The key of a path behind the prefix; paths have one character for each byte. */
export function keyOf(bucket: MediaBucket, path: string): string {
  return bucket.place.prefix + Buffer.from(path, 'latin1').toString('utf8');
}
