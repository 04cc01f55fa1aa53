import { lookup } from 'node:dns/promises';
import type { S3Place } from '#schema/domain';
import { hostAddresses } from './hostAddresses.js';
import { isMetadataAddress } from './metadataAddresses.js';

/** Which buckets may be used as media, and how. */
export interface MediaBuckets {
  /** Where Holdfast’s own backups lie, where that is in S3: nothing there is media. */
  storage: Place | null;
  /** What the worker’s own credentials may be used for: `s3://bucket/prefix` or `https://host/bucket/prefix`, `,` between. */
  allowed?: string | undefined;
}

/** The same from the settings. */
export function mediaBucketsOf(settings: {
  HOLDFAST_MEDIA_BUCKETS?: string | undefined;
  S3_BUCKET?: string | undefined;
  S3_PREFIX?: string | undefined;
  S3_ENDPOINT?: string | undefined;
}): MediaBuckets {
  const { HOLDFAST_MEDIA_BUCKETS: allowed, S3_BUCKET: bucket, S3_PREFIX = '', S3_ENDPOINT = null } = settings;
  const prefix = S3_PREFIX && `${S3_PREFIX.replace(/\/$/, '')}/`;
  const storage = bucket ? { bucket, prefix, endpoint: S3_ENDPOINT } : null;
  return { storage, allowed };
}

/** Why a bucket may not be used as media, and which of its fields says so. */
export interface BucketProblem {
  field: 'bucket' | 'endpoint';
  problem: string;
}

/** Why a bucket may not be used as media, or null where it may. Names are looked up: a host has many spellings. */
export async function mediaBucketProblem(
  place: S3Place,
  { storage }: MediaBuckets,
): Promise<BucketProblem | null> {
  if (await leadsToMetadata(place.endpoint)) {
    return {
      field: 'endpoint',
      problem: 'This endpoint is a link-local address, where no S3 is: give the address of your provider.',
    };
  }
  if (storage && (await bucketsOverlap(place, storage))) {
    return {
      field: 'bucket',
      problem: 'This is where Holdfast keeps its own backups: choose the bucket and prefix of the media.',
    };
  }
  return null;
}

/** Whether the operator lets the worker’s own credentials be used there. */
export function mayUseOwnCredentials(place: S3Place, { allowed = '' }: MediaBuckets): boolean {
  const { endpoint, bucket, prefix } = place;
  const address = `${endpoint === null ? 's3:/' : endpoint.replace(/\/+$/, '')}/${bucket}/${prefix}`;
  return allowed
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((each) => address.startsWith(`${each.replace(/\/+$/, '')}/`));
}

async function leadsToMetadata(endpoint: string | null): Promise<boolean> {
  if (endpoint === null) return false;
  const found = await lookup(hostOf(endpoint), { all: true }).catch(() => []);
  return found.some(({ address }) => isMetadataAddress(address));
}

type Place = Pick<S3Place, 'bucket' | 'prefix' | 'endpoint'>;

/** Whether two places in S3 hold objects in common, however their hosts are spelled. */
export async function bucketsOverlap(one: Place, other: Place): Promise<boolean> {
  if (one.bucket !== other.bucket) return false;
  if (!one.prefix.startsWith(other.prefix) && !other.prefix.startsWith(one.prefix)) return false;
  const [theirs, ours] = [ownEndpoint(one.endpoint), ownEndpoint(other.endpoint)];
  // At AWS a bucket’s name is the same bucket, whichever address is asked.
  if (theirs === null || ours === null) return theirs === ours;
  if (portOf(theirs) !== portOf(ours)) return false;
  const [there, here] = await Promise.all([hostAddresses(hostOf(theirs)), hostAddresses(hostOf(ours))]);
  return there.some((each) => here.includes(each));
}

/** The endpoint where it is not AWS’s. */
function ownEndpoint(endpoint: string | null): string | null {
  return endpoint !== null && /\.amazonaws\.com(\.cn)?$/.test(hostOf(endpoint)) ? null : endpoint;
}

function hostOf(endpoint: string): string {
  return new URL(endpoint).hostname.replace(/^\[|\]$/g, '');
}

function portOf(endpoint: string): number {
  const { port, protocol } = new URL(endpoint);
  return Number(port || (protocol === 'http:' ? 80 : 443));
}
