import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manifestLine } from '#schema/domain';
import { parsedEntry, toRestoredEntry } from '../../../workflows/engines/media/restore/restoredEntry.js';
import { usualFileLine } from '../../../workflows/engines/media/restore/usualFileLine.js';

const sha256 = '0123456789abcdef'.repeat(4);
const usual = manifestLine({
  path: 'a/Ünï 表 🦊.jpg',
  type: 'file',
  size: 17,
  mtime: '2026-02-28T23:59:58.123456789Z',
  mode: '0640',
  sha256,
}).slice(0, -1);

test('what we write of a file is read the quick way', () => {
  expect(usualFileLine(usual)).toEqual({
    path: 'a/Ünï 表 🦊.jpg',
    size: 17,
    second: '2026-02-28T23:59:58',
    nanoseconds: 123_456_789,
    mode: 0o640,
    sha256,
  });
});

test('any file that we write is read as JSON.parse reads it', { timeout: 60_000 }, () => {
  const files = fc.record({
    path: fc.string({ unit: 'binary' }),
    type: fc.constant('file' as const),
    size: fc.maxSafeNat(),
    mtime: fc
      .date({ noInvalidDate: true, min: new Date('0000-01-01'), max: new Date('9999-12-31') })
      .map((date) => `${date.toISOString().slice(0, 19)}.000000001Z`),
    mode: fc.integer({ min: 0, max: 0o7777 }).map((mode) => mode.toString(8).padStart(4, '0')),
    sha256: fc.constant(sha256),
  });
  fc.assert(
    fc.property(files, (file) => {
      const line = manifestLine(file).slice(0, -1);
      const read = toRestoredEntry(line);
      assert.ok(read);
      assert.deepStrictEqual(read, parsedEntry(line));
    }),
    { numRuns: 500 },
  );
});

test('any line that was tampered with is read as JSON.parse reads it', { timeout: 60_000 }, () => {
  const character = fc.oneof(
    fc.constantFrom('"', '\\', '{', '}', ',', ':', '.', '0', '9', '-', '\t', '\n', 'Z', 'e', '\u2028'),
    fc.string({ unit: 'binary', minLength: 0, maxLength: 2 }),
  );
  const change = fc.tuple(fc.nat({ max: usual.length }), fc.nat({ max: 2 }), character);
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      let line = usual;
      for (const [at, removed, added] of changes) line = line.slice(0, at) + added + line.slice(at + removed);
      assert.deepStrictEqual(toRestoredEntry(line), parsedEntry(line));
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  ['a number that JSON does not know', '"size":17', '"size":017'],
  ['a size that is no safe number', '"size":17', '"size":99999999999999999'],
  ['a month that there is not', '2026-02-28T', '2026-13-28T'],
  ['a second that there is not', ':58.', ':60.'],
  ['a control character', 'a/', 'a\u0001'],
  ['a hash with capitals', 'abcdef"', 'ABCDEF"'],
])('%s is refused', (_, from, to) => {
  expect(toRestoredEntry(usual.replace(from, to))).toBeNull();
});

test('a key that comes twice counts as JSON.parse takes it: the last one', () => {
  const twice = usual.replace('{"path":', '{"path":"first","path":');
  expect(usualFileLine(twice)).toBeNull();
  expect(toRestoredEntry(twice)).toMatchObject({ path: Buffer.from('a/Ünï 表 🦊.jpg').toString('latin1') });
});
