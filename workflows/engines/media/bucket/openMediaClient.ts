import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { S3Client } from '@aws-sdk/client-s3';
import { isMetadataAddress } from '#schema/config';
import type { S3Keys, S3Place } from '#schema/domain';
import { openS3Client } from '../../s3/client.js';
import { StepProblem } from '../../stepProblem.js';

/** A bucket with media, and as who it is asked. */
export interface BucketAddress {
  place: S3Place;
  /** `none`: as anybody, without signing in; `own`: with what the worker finds as its own credentials. */
  keys: S3Keys | 'none' | 'own';
}

/** How often a call is sent at once; whoever calls has patience beyond that. */
const attempts = 3;

/**
 * A client for a bucket that somebody else named: never leads to a link-local address. `signal` ends all that it asks,
 * so that no call needs one of its own.
 */
export function openMediaClient({ place, keys }: BucketAddress, signal: AbortSignal): S3Client {
  const { endpoint, region } = place;
  const given = keys === 'own' ? null : keys === 'none' ? nobody : keys;
  const client = openS3Client({ endpoint, region, keys: given, attempts, lookup: guardedLookup });
  const sender = client.config.requestHandler as Sender;
  const send = sender.handle.bind(sender);
  sender.handle = async (request, options) => {
    // What is no name is not looked up.
    if (isMetadataAddress(request.hostname.replace(/^\[|\]$/g, ''))) throw linkLocal();
    if (keys === 'none') unsign(request);
    return send(request, { ...options, abortSignal: signal });
  };
  // For calls without options the SDK then works out but once how they are sent: a third of its time.
  client.config.cacheMiddleware = true;
  return client;
}

const nobody: S3Keys = { accessKeyId: 'nobody', secretAccessKey: 'nobody' };

interface Request {
  hostname: string;
  headers: Record<string, string>;
}

/** What sends requests, as far as it is of interest here. */
interface Sender {
  handle(request: Request, options?: object): Promise<unknown>;
}

/** Takes the signature off: the SDK has no word for asking as anybody. */
function unsign({ headers }: Request): void {
  for (const name of ['authorization', 'x-amz-date', 'x-amz-content-sha256']) delete headers[name];
}

/** Looks a name up at the moment of connecting, so that a name that changes its meaning meanwhile is noticed. */
const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    const [first] = found ?? [];
    if (error || !first) callback(error ?? new Error('no address'), '');
    else if (found.some(({ address }) => isMetadataAddress(address))) callback(linkLocal(), '');
    else if (options.all) callback(null, found);
    else callback(null, first.address, first.family);
  });
};

function linkLocal(): StepProblem {
  return new StepProblem(
    'MEDIA_UNREADABLE',
    'The endpoint of the media bucket is a link-local address, where no S3 is',
    { remedy: 'Correct the endpoint in the environment’s settings, then retry.' },
  );
}
