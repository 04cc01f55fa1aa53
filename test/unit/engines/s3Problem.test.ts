import { describe, expect, it } from 'vitest';
import { s3Problem, type Asked } from '../../../workflows/engines/s3/problem.js';
import { StepProblem } from '../../../workflows/engines/stepProblem.js';

const asked: Asked = {
  name: 'The media bucket',
  bucket: 'pictures',
  codes: {
    unreachable: 'STORAGE_UNREACHABLE',
    refused: 'MEDIA_UNREADABLE',
    absent: 'MEDIA_NOT_FOUND',
    full: 'STORAGE_FULL',
  },
  settings: { keys: 'the keys', bucket: 'the bucket', region: 'the region', endpoint: 'the address' },
};

/** An error as the SDK makes it of an answer. */
function answered(name: string, httpStatusCode: number, more: object = {}): Error {
  return Object.assign(new Error('words of theirs AKIASECRET'), {
    name,
    $metadata: { httpStatusCode },
    ...more,
  });
}

function problemOf(error: unknown): StepProblem {
  const problem = s3Problem(error, asked, 's3:GetObject');
  if (!(problem instanceof StepProblem)) throw new Error('it is no problem');
  return problem;
}

describe('what S3 says', () => {
  it.each([
    ['NoSuchBucket', 404, 'MEDIA_NOT_FOUND', /no bucket “pictures”/],
    ['InvalidAccessKeyId', 403, 'MEDIA_UNREADABLE', /The media bucket does not take the keys/],
    ['SignatureDoesNotMatch', 403, 'MEDIA_UNREADABLE', /does not take the keys/],
    ['ExpiredToken', 400, 'MEDIA_UNREADABLE', /does not take the keys/],
    ['RequestTimeTooSkewed', 403, 'MEDIA_UNREADABLE', /clocks differ \(/],
    [
      'AccessDenied',
      403,
      'MEDIA_UNREADABLE',
      /does not allow s3:GetObject on the bucket “pictures” \(AccessDenied\)/,
    ],
    ['Unknown', 403, 'MEDIA_UNREADABLE', /does not allow s3:GetObject .*\(HTTP 403\)/],
    ['AuthorizationHeaderMalformed', 400, 'MEDIA_UNREADABLE', /wrong region/],
    ['SlowDown', 503, 'STORAGE_UNREACHABLE', /busy/],
    ['InternalError', 200, 'STORAGE_UNREACHABLE', /busy/],
    ['UnknownError', 502, 'STORAGE_UNREACHABLE', /busy.*\(HTTP 502\)/],
    ['TooManyRequests', 429, 'STORAGE_UNREACHABLE', /busy/],
    ['BadDigest', 400, 'STORAGE_UNREACHABLE', /What the media bucket received was not what was sent/],
    ['QuotaExceeded', 403, 'STORAGE_FULL', /full or its quota/],
    ['XMinioStorageFull', 507, 'STORAGE_FULL', /full/],
    ['NotImplemented', 501, 'MEDIA_UNREADABLE', /refused s3:GetObject \(NotImplemented\)/],
    ['SyntaxError', 200, 'MEDIA_UNREADABLE', /does not answer as S3 does/],
  ])('as %s with %i is %s', (name, status, code, words) => {
    const problem = problemOf(answered(name, status));
    expect(problem.code).toBe(code);
    expect(problem.message).toMatch(words);
    expect(`${problem.message} ${problem.remedy} ${String(problem.cause)}`).not.toContain('AKIASECRET');
  });

  it('of a region names the right one, by word or by header', () => {
    const byHeader = { $response: { headers: { 'x-amz-bucket-region': 'eu-west-3' } } };
    for (const error of [
      answered('PermanentRedirect', 301, byHeader),
      answered('AuthorizationHeaderMalformed', 400, { Region: 'eu-west-3' }),
    ]) {
      expect(problemOf(error)).toMatchObject({
        message: expect.stringContaining('in the region “eu-west-3”'),
        remedy: 'Correct the region, then retry.',
      });
    }
  });

  it('of the time tells how far the clocks are apart', () => {
    const times = { RequestTime: '20261123T100000Z', ServerTime: '2026-11-23T09:39:30Z' };
    expect(problemOf(answered('RequestTimeTooSkewed', 403, times)).message).toContain('by 20 min 30 s');
  });
});

describe('what the way there says', () => {
  const network = (code: string) => Object.assign(new Error('no'), { code });

  it.each(['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'EPROTO'])(
    'as %s is away',
    (code) => {
      expect(problemOf(network(code))).toMatchObject({
        code: 'STORAGE_UNREACHABLE',
        message: expect.stringContaining(code),
        remedy: expect.stringContaining('the address'),
      });
    },
  );

  it('as a silence is away', () => {
    const silence = Object.assign(new Error('no'), { name: 'TimeoutError' });
    expect(problemOf(silence)).toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      message: expect.stringContaining('in time'),
    });
  });

  it.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
    'as %s names the certificate',
    (code) => {
      expect(problemOf(network(code)).message).toContain('certificate');
    },
  );

  it('as missing keys asks for them', () => {
    const error = Object.assign(new Error('no'), { name: 'CredentialsProviderError' });
    expect(problemOf(error)).toMatchObject({
      code: 'MEDIA_UNREADABLE',
      remedy: 'Give the keys, then retry.',
    });
  });
});

describe('what is no such error', () => {
  it('is handed back as it is', () => {
    for (const error of [
      new TypeError('a bug'),
      new StepProblem('STALLED', 'x'),
      Object.assign(new Error(), { name: 'AbortError' }),
      null,
    ]) {
      expect(s3Problem(error, asked, 's3:GetObject')).toBe(error);
    }
  });
});
