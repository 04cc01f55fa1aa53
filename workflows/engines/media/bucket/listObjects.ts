import { ListObjectsV2Command, type _Object } from '@aws-sdk/client-s3';
import { StepProblem } from '../../stepProblem.js';
import type { Listed } from './folderTree.js';
import type { MediaBucket } from './mediaBucket.js';

/**
 * Every object below the bucket’s prefix, page by page, up to 1,000 in each; with `area` those whose keys go on with it,
 * their paths being what follows.
 */
export async function* listObjects(bucket: MediaBucket, area = ''): AsyncGenerator<Listed[]> {
  const name = bucket.place.bucket;
  const prefix = bucket.place.prefix + area;
  const before = Buffer.from(prefix).toString('latin1');
  let token: string | undefined;
  do {
    const page = await bucket
      .ask('s3:ListBucket', () =>
        bucket.client.send(
          // Names that XML cannot hold come encoded.
          new ListObjectsV2Command({
            Bucket: name,
            ...(prefix === '' ? {} : { Prefix: prefix }),
            EncodingType: 'url',
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        ),
      )
      .catch((error: unknown) => {
        throw bucket.problem(error, 's3:ListBucket');
      });
    // Any page of the web would else be an empty bucket.
    if (page.IsTruncated === undefined) throw noS3(bucket);
    const isEncoded = page.EncodingType === 'url';
    yield (page.Contents ?? []).map((object) => {
      const key = bytesOf(object.Key ?? '', isEncoded);
      if (!key.startsWith(before)) throw noS3(bucket);
      return { ...stateOf(object), path: key.slice(before.length) };
    });
    const next = page.IsTruncated ? page.NextContinuationToken : undefined;
    // Else the listing would never end.
    if (page.IsTruncated && (next === undefined || next === token)) throw noS3(bucket);
    token = next;
  } while (token !== undefined);
}

function stateOf({ Size, ETag, LastModified }: _Object): Omit<Listed, 'path'> {
  const mtimeMs = LastModified?.getTime() ?? 0;
  return { size: Size ?? 0, etag: ETag || null, mtimeMs: Number.isFinite(mtimeMs) ? mtimeMs : 0 };
}

/** A key’s bytes, one character for each. */
function bytesOf(key: string, isEncoded: boolean): string {
  if (!isEncoded) return Buffer.from(key).toString('latin1');
  const plain = Buffer.from(key.replaceAll('+', ' ')).toString('latin1');
  return plain.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function noS3(bucket: MediaBucket): StepProblem {
  return new StepProblem(
    'MEDIA_UNREADABLE',
    `The media bucket ${bucket.words} does not list its objects as S3 does`,
    {
      remedy: 'Check the endpoint in the environment’s settings, then retry.',
    },
  );
}
