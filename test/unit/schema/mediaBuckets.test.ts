import { describe, expect, test } from 'vitest';
import { isMetadataAddress, mayUseOwnCredentials, mediaBucketProblem, mediaBucketsOf } from '#schema/config';

const place = { bucket: 'shop', prefix: 'media/', endpoint: null, region: null };
const problem = (of: { prefix?: string; endpoint?: string }, storage: object) =>
  mediaBucketProblem({ ...place, ...of }, mediaBucketsOf(storage));

describe('a bucket with media', () => {
  test.each([
    'http://169.254.169.254',
    'http://[fd00:ec2::254]/base',
    'https://[fe80::1]:9000',
    'http://[::ffff:169.254.169.254]',
    'http://0xa9fea9fe',
  ])('is not at %s', async (endpoint) => {
    expect(await problem({ endpoint }, {})).toMatchObject({ field: 'endpoint' });
  });

  test('may be on this machine or in a private network', async () => {
    for (const endpoint of ['http://127.0.0.1:9000', 'http://10.0.0.1', 'http://[fd00::1]']) {
      expect(await problem({ endpoint }, {})).toBeNull();
    }
    expect(isMetadataAddress('no address')).toBe(false);
  });

  test.each([
    [{}, { S3_BUCKET: 'shop' }],
    [{}, { S3_BUCKET: 'shop', S3_PREFIX: 'media' }],
    [{ prefix: '' }, { S3_BUCKET: 'shop', S3_PREFIX: 'media/backups/' }],
    [{ endpoint: 'https://s3.eu-central-1.amazonaws.com' }, { S3_BUCKET: 'shop' }],
    [{ endpoint: 'http://localhost:9000' }, { S3_BUCKET: 'shop', S3_ENDPOINT: 'http://127.0.0.1:9000/' }],
  ])('is not where backups are: %j, %j', async (of, storage) => {
    expect(await problem(of, storage)).toMatchObject({ field: 'bucket' });
  });

  test.each([
    [{}, {}],
    [{}, { S3_BUCKET: 'other' }],
    [{}, { S3_BUCKET: 'shop', S3_PREFIX: 'backups' }],
    [{}, { S3_BUCKET: 'shop', S3_PREFIX: 'med' }],
    [{}, { S3_BUCKET: 'shop', S3_ENDPOINT: 'http://127.0.0.1:9000' }],
    [{ endpoint: 'http://127.0.0.1:9001' }, { S3_BUCKET: 'shop', S3_ENDPOINT: 'http://127.0.0.1:9000' }],
  ])('is another place: %j, %j', async (of, storage) => {
    expect(await problem(of, storage)).toBeNull();
  });

  test('is read with the worker’s own credentials only where the operator lists it', () => {
    const may = (allowed: string | undefined, of: object = {}) =>
      mayUseOwnCredentials({ ...place, ...of }, { storage: null, allowed });
    expect(may(undefined)).toBe(false);
    expect(may('s3://shop')).toBe(true);
    expect(may('s3://other, s3://shop/media/')).toBe(true);
    expect(may('s3://shop/med')).toBe(false);
    expect(may('s3://sho')).toBe(false);
    expect(may('s3://shop/media/inner')).toBe(false);
    expect(may('shop')).toBe(false);
    const endpoint = 'https://s3.example.org';
    expect(may('s3://shop', { endpoint })).toBe(false);
    expect(may('https://s3.example.org/shop', { endpoint })).toBe(true);
    expect(may('https://s3.example.org/shop', { endpoint: 'https://s3.example.org.evil.net' })).toBe(false);
  });
});
