import { describe, expect, test } from 'vitest';
import { readS3Source } from '../../../server/environment/s3Source.js';

const read = (more: Partial<Parameters<typeof readS3Source>[0]> = {}) =>
  readS3Source({ bucket: 'shop-media', ...more });

describe('where media lie in S3', () => {
  test('is kept as one writes it, with a slash behind the prefix and none behind the endpoint', () => {
    const given = {
      prefix: ' uploads/2024 ',
      endpoint: 'https://s3.example.org:9000/base//',
      region: ' ',
      accessKeyId: ' ID ',
      secretAccessKey: 'a b/+=',
    };
    expect(read(given)).toEqual({
      place: {
        bucket: 'shop-media',
        prefix: 'uploads/2024/',
        endpoint: 'https://s3.example.org:9000/base',
        region: null,
      },
      keys: { accessKeyId: 'ID', secretAccessKey: 'a b/+=' },
      problems: [],
    });
    expect(read({ prefix: 'a/', endpoint: '' })).toMatchObject({
      place: { prefix: 'a/', endpoint: null },
      keys: null,
      problems: [],
    });
    expect(read({ prefix: null }).place.prefix).toBe('');
  });

  test.each([
    ['bucket', { bucket: 'ab' }],
    ['bucket', { bucket: 'Shop' }],
    ['bucket', { bucket: 'shop/media' }],
    ['bucket', { bucket: 'https://shop.s3.amazonaws.com' }],
    ['bucket', { bucket: 'a'.repeat(64) }],
    ['bucket', { bucket: 'a..b' }],
    ['prefix', { prefix: '/a' }],
    ['prefix', { prefix: 'a//b' }],
    ['prefix', { prefix: '../b' }],
    ['prefix', { prefix: 'a/./b' }],
    ['prefix', { prefix: 'a\tb' }],
    ['prefix', { prefix: '\ud800' }],
    ['prefix', { prefix: 'é'.repeat(512) }],
    ['endpoint', { endpoint: 's3.example.org' }],
    ['endpoint', { endpoint: 'ftp://s3.example.org' }],
    ['endpoint', { endpoint: 'https://user@s3.example.org' }],
    ['endpoint', { endpoint: 'https://s3.example.org/?x' }],
    ['endpoint', { endpoint: 'https://s3.example.org#x' }],
    ['endpoint', { endpoint: 'https://s3.exam ple.org' }],
    ['endpoint', { endpoint: `https://${'a'.repeat(2_000)}.org` }],
    ['region', { region: 'eu/central' }],
    ['region', { region: 'x.example.org#' }],
    ['accessKeyId', { secretAccessKey: 'secret' }],
    ['accessKeyId', { accessKeyId: 'an id', secretAccessKey: 'secret' }],
    ['secretAccessKey', { accessKeyId: 'id' }],
    ['secretAccessKey', { accessKeyId: 'id', secretAccessKey: 'sec\nret' }],
    ['secretAccessKey', { accessKeyId: 'id', secretAccessKey: 's'.repeat(513) }],
  ])('names %s of %j', (field, given) => {
    const { problems } = read(given);
    expect(problems.map((each) => each.field)).toEqual([field]);
    expect(problems[0]?.problem).toMatch(/\.$/);
    expect(problems[0]?.problem).not.toContain('sec\nret');
  });
});
