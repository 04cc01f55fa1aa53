import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manifestLine, nanosecondsToTime, type ManifestEntry } from '#schema/domain';

const anyCharacter = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
const mtime = '2026-11-22T22:02:53.123456789Z';

describe('a line of the manifest', () => {
  it('of a file reads path, type, size, time, mode, hash, in this order however it was put together', () => {
    const line = manifestLine({ sha256: 'ab', mode: '0644', mtime, size: 3, type: 'file', path: 'a/b.jpg' });
    expect(line).toBe(
      `{"path":"a/b.jpg","type":"file","size":3,"mtime":"${mtime}","mode":"0644","sha256":"ab"}\n`,
    );
  });

  it('of a folder has neither size nor hash', () => {
    expect(manifestLine({ mode: '0755', mtime, type: 'directory', path: 'a' })).toBe(
      `{"path":"a","type":"directory","mtime":"${mtime}","mode":"0755"}\n`,
    );
  });

  it('of a link ends with where it points to', () => {
    expect(manifestLine({ target: '../x', mode: '0777', mtime, type: 'symlink', path: 'l' })).toBe(
      `{"path":"l","type":"symlink","mtime":"${mtime}","mode":"0777","target":"../x"}\n`,
    );
  });

  it('of an unreadable file says why, last', () => {
    const line = manifestLine({ problem: 'EACCES', size: 0, mode: '0000', mtime, type: 'file', path: 'p' });
    expect(Object.keys(JSON.parse(line) as object)).toEqual([
      'path',
      'type',
      'size',
      'mtime',
      'mode',
      'problem',
    ]);
  });

  it('keeps an empty file’s size', () => {
    expect(manifestLine({ path: 'e', type: 'file', size: 0, mtime, mode: '0644' })).toContain('"size":0');
  });

  it('names what is not UTF-8 by its bytes', () => {
    const line = manifestLine({
      pathBase64: '/w==',
      type: 'symlink',
      mtime,
      mode: '0777',
      targetBase64: '/g==',
    });
    expect(Object.keys(JSON.parse(line) as object)).toEqual([
      'pathBase64',
      'type',
      'mtime',
      'mode',
      'targetBase64',
    ]);
  });

  it('is one line and reads back as it was, whatever the name', () => {
    const any = fc.record(
      {
        path: fc.string({ unit: anyCharacter }),
        type: fc.constantFrom('file', 'directory', 'symlink', 'hardlink'),
        size: fc.maxSafeNat(),
        mtime: fc.constant(mtime),
        mode: fc.constantFrom('0644', '7777'),
        sha256: fc.string(),
        target: fc.string({ unit: anyCharacter }),
        problem: fc.string(),
      },
      { requiredKeys: ['path', 'type', 'mtime', 'mode'] },
    );
    fc.assert(
      fc.property(any, (entry: ManifestEntry) => {
        const line = manifestLine(entry);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(JSON.parse(line)).toEqual({ ...entry });
      }),
    );
  });
});

describe('a file’s time', () => {
  it.each([
    [0n, '1970-01-01T00:00:00.000000000Z'],
    [1n, '1970-01-01T00:00:00.000000001Z'],
    [999_999_999n, '1970-01-01T00:00:00.999999999Z'],
    [1_000_000_000n, '1970-01-01T00:00:01.000000000Z'],
    [-1n, '1969-12-31T23:59:59.999999999Z'],
    [-999_999_999n, '1969-12-31T23:59:59.000000001Z'],
    [-1_000_000_000n, '1969-12-31T23:59:59.000000000Z'],
    [-1_000_000_001n, '1969-12-31T23:59:58.999999999Z'],
    [-2_208_988_800_000_000_000n, '1900-01-01T00:00:00.000000000Z'],
    [1_795_384_973_123_456_789n, '2026-11-22T22:02:53.123456789Z'],
    [2_147_483_648_000_000_000n, '2038-01-19T03:14:08.000000000Z'],
    [253_402_300_799_999_999_999n, '9999-12-31T23:59:59.999999999Z'],
  ])('of %s ns is %s', (ns, time) => {
    expect(nanosecondsToTime(ns)).toBe(time);
  });

  it('loses nothing: seconds and all nine decimals come back', () => {
    const fromYear1 = -62_135_596_800_000_000_000n;
    const toYear9999 = 253_402_300_799_999_999_999n;
    fc.assert(
      fc.property(fc.bigInt({ min: fromYear1, max: toYear9999 }), (ns) => {
        const time = nanosecondsToTime(ns);
        expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
        const seconds = BigInt(Date.parse(`${time.slice(0, 19)}Z`)) / 1_000n;
        expect(seconds * 1_000_000_000n + BigInt(time.slice(20, 29))).toBe(ns);
      }),
    );
  });

  it('sorts as text in the order of time', () => {
    const time = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 19n });
    fc.assert(
      fc.property(time, time, (a, b) => {
        expect(nanosecondsToTime(a) < nanosecondsToTime(b)).toBe(a < b);
      }),
    );
  });
});
