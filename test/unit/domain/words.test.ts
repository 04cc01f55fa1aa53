import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesInWords, secondsInWords, minuteInWords } from '#schema/domain';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const TiB = 1024 * GiB;
const PiB = 1024 * TiB;

describe('a size', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1_023, '1023 B'],
    [1_024, '1.0 KiB'],
    [1_536, '1.5 KiB'],
    [99 * KiB, '99.0 KiB'],
    [100 * KiB, '100 KiB'],
    [1_023 * KiB, '1023 KiB'],
    [1_023.4 * KiB, '1023 KiB'],
    [1_023.5 * KiB, '1.0 MiB'],
    [MiB - 1, '1.0 MiB'],
    [MiB, '1.0 MiB'],
    [74.6 * MiB, '74.6 MiB'],
    [1_023 * MiB, '1023 MiB'],
    [GiB - 1, '1.0 GiB'],
    [GiB, '1.0 GiB'],
    [TiB - 1, '1.0 TiB'],
    [TiB, '1.0 TiB'],
    [PiB, '1.0 PiB'],
    [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
    [5_000 * PiB, '5000 PiB'],
    [-1, '0 B'],
  ])('of %d bytes is %s', (bytes, words) => {
    expect(bytesInWords(bytes)).toBe(words);
  });

  it('is never told as 1024 of a unit that has a larger one', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(bytesInWords(bytes)).not.toMatch(/^1024/);
      }),
    );
  });

  it('is right to a twentieth of what it says', () => {
    const sizes = { B: 1, KiB, MiB, GiB, TiB, PiB };
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        const [number, unit] = bytesInWords(bytes).split(' ');
        const told = Number(number) * sizes[unit as keyof typeof sizes];
        expect(Math.abs(told - bytes)).toBeLessThanOrEqual(bytes * 0.05);
      }),
    );
  });
});

describe('a time', () => {
  it.each([
    [0, '0 s'],
    [0.4, '0 s'],
    [0.5, '1 s'],
    [59, '59 s'],
    [59.4, '59 s'],
    [59.5, '1 min 0 s'],
    [60, '1 min 0 s'],
    [125, '2 min 5 s'],
    [3_599, '59 min 59 s'],
    [3_599.5, '1 h 0 min'],
    [3_600, '1 h 0 min'],
    [3_659, '1 h 0 min'],
    [3_660, '1 h 1 min'],
    [90_000, '25 h 0 min'],
    [-3, '0 s'],
  ])('of %d seconds is %s', (seconds, words) => {
    expect(secondsInWords(seconds)).toBe(words);
  });
});

describe('an instant in words', () => {
  it.each([
    ['2026-11-22T03:00:59.999Z', '22 Nov 2026 03:00 UTC'],
    ['2026-01-05T23:59:00Z', '5 Jan 2026 23:59 UTC'],
    ['2026-11-22T03:00:00+02:00', '22 Nov 2026 01:00 UTC'],
  ])('%s is %s', (instant, words) => {
    expect(minuteInWords(new Date(instant))).toBe(words);
  });
});
