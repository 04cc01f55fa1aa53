import type { S3Keys, S3Place } from '#schema/domain';
import type { S3SourceInput } from './environmentInputs.js';

type FieldName = keyof S3SourceInput;

/** What was given, in order, and what is wrong with it: `place` and `keys` count only where that is nothing. */
export interface S3Source {
  place: S3Place;
  keys: S3Keys | null;
  problems: Array<{ field: FieldName; problem: string }>;
}

/** Longest key, as S3 has it, in bytes. */
const longestKey = 1_024;
const longestEndpoint = 2_000;
const longestSecret = 512;

/** Reads where media lie in S3. Problems never quote a value that may be a secret. */
export function readS3Source(input: S3SourceInput): S3Source {
  const bucket = input.bucket.trim();
  const prefix = withSlash(input.prefix?.trim() ?? '');
  const endpoint = input.endpoint?.trim().replace(/\/+$/, '') || null;
  const region = input.region?.trim() || null;
  const accessKeyId = input.accessKeyId?.trim() || null;
  const secretAccessKey = input.secretAccessKey?.trim() || null;
  const found: Array<[FieldName, string | null]> = [
    ['bucket', bucketProblem(bucket)],
    ['prefix', prefixProblem(prefix)],
    ['endpoint', endpoint === null ? null : endpointProblem(endpoint)],
    ['region', region === null || /^[a-z0-9-]{1,40}$/i.test(region) ? null : regionRemedy],
    ['accessKeyId', keyIdProblem(accessKeyId, secretAccessKey)],
    ['secretAccessKey', secretProblem(accessKeyId, secretAccessKey)],
  ];
  return {
    place: { bucket, prefix, endpoint, region },
    keys: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : null,
    problems: found.flatMap(([field, problem]) => (problem ? [{ field, problem }] : [])),
  };
}

const regionRemedy =
  'Give the region as your provider writes it, e.g. eu-central-1: letters, digits and hyphens.';

function withSlash(prefix: string): string {
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
}

function bucketProblem(bucket: string): string | null {
  return /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(bucket) && !bucket.includes('..')
    ? null
    : 'Give the bucket’s name alone: 3 to 63 small letters, digits, dots, hyphens and underscores, with a letter or digit at both ends.';
}

function prefixProblem(prefix: string): string | null {
  if (Buffer.byteLength(prefix) > longestKey) return `Use at most ${longestKey} bytes.`;
  if (prefix.startsWith('/')) return 'Leave out the / at the beginning: keys have none.';
  if (/\p{Cc}/u.test(prefix))
    return 'The prefix holds a tab, a line break or another control character: remove it.';
  if (/\p{Cs}/u.test(prefix)) return 'The prefix is no valid text: type it anew.';
  const names = prefix.split('/').slice(0, -1);
  return names.some((name) => name === '' || name === '.' || name === '..')
    ? 'Write the prefix as a path, without //, . and ..'
    : null;
}

function endpointProblem(endpoint: string): string | null {
  if (endpoint.length > longestEndpoint) return `Use at most ${longestEndpoint} characters.`;
  // The URL parser drops some blanks without a word.
  const url = /\s/.test(endpoint) || !URL.canParse(endpoint) ? null : new URL(endpoint);
  if (!url || !/^https?:$/.test(url.protocol)) {
    return 'Give the provider’s address as https://host or https://host:port.';
  }
  if (url.username || url.password)
    return 'Leave user name and password out of the endpoint: keys have fields of their own.';
  return url.search || url.hash || endpoint.includes('?') || endpoint.includes('#')
    ? 'Leave out what stands behind ? or # in the endpoint.'
    : null;
}

function keyIdProblem(id: string | null, secret: string | null): string | null {
  if (id === null) return secret === null ? null : 'Give the access key’s id as well, or neither of the two.';
  return /^[\x21-\x7e]{1,256}$/.test(id)
    ? null
    : 'Give the access key’s id as your provider shows it, without spaces.';
}

function secretProblem(id: string | null, secret: string | null): string | null {
  if (secret === null)
    return id === null ? null : 'Give the secret access key as well, or neither of the two.';
  if (secret.length > longestSecret) return `Use at most ${longestSecret} characters.`;
  return /\p{Cc}/u.test(secret) ? 'The secret access key holds a tab or a line break: remove it.' : null;
}
