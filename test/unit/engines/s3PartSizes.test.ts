import { describe, expect, it } from 'vitest';
import { partSizes, type PartPlan } from '../../../workflows/engines/storage/s3PartSizes.js';

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;
const tebibyte = 1024 ** 4;
const usual: PartPlan = { expectedBytes: null, maxParts: 10_000, equalParts: false };

/** Bytes that all parts together take. */
function room(plan: PartPlan): number {
  const sizeOf = partSizes(plan);
  return Array.from({ length: plan.maxParts }, (_, index) => sizeOf(index + 1) ?? 0).reduce(
    (a, b) => a + b,
    0,
  );
}

describe('the parts of an object', () => {
  it.each([null, 1, gibibyte, 39 * gibibyte])('have 8 MiB where %j bytes are expected', (expectedBytes) => {
    expect(partSizes({ ...usual, expectedBytes })(1)).toBe(8 * mebibyte);
  });

  it.each([100 * gibibyte, tebibyte, 5 * tebibyte])(
    'are equal as long as no more than %j expected bytes come',
    (expectedBytes) => {
      const sizeOf = partSizes({ ...usual, expectedBytes });
      const size = sizeOf(1) ?? 0;
      expect(sizeOf(5_000)).toBe(size);
      expect(size * 5_000).toBeGreaterThanOrEqual(expectedBytes);
      expect(size * 5_000).toBeLessThan(expectedBytes + 5_001 * mebibyte);
    },
  );

  it.each([
    { maxParts: 10_000, least: 5 * tebibyte },
    { maxParts: 1_000, least: 0.6 * tebibyte },
  ])('grow where more comes, and $maxParts of them hold much', ({ maxParts, least }) => {
    expect(room({ ...usual, maxParts })).toBeGreaterThan(least);
    const sizeOf = partSizes({ ...usual, maxParts });
    for (let number = 2; number <= maxParts; number += 1) {
      const [before = 0, now = 0] = [sizeOf(number - 1) ?? 0, sizeOf(number) ?? 0];
      expect([before, Math.min(2 * before, 5 * gibibyte)]).toContain(now);
    }
  });

  it('never grow where all must be equal, and hold twice what is expected', () => {
    const plan = { expectedBytes: 100 * gibibyte, maxParts: 1_000, equalParts: true };
    expect(partSizes(plan)(1_000)).toBe(partSizes(plan)(1));
    expect(room(plan)).toBeGreaterThanOrEqual(200 * gibibyte);
  });

  it('end where the provider takes no more', () => {
    for (const maxParts of [2, 3, 4, 10, 999, 10_000]) {
      const sizeOf = partSizes({ ...usual, maxParts });
      expect(sizeOf(maxParts)).toBeGreaterThanOrEqual(8 * mebibyte);
      expect(sizeOf(maxParts + 1)).toBeNull();
    }
  });

  it('are never larger than S3 takes', () => {
    expect(partSizes({ ...usual, expectedBytes: 1_000 * tebibyte })(9_999)).toBe(5 * gibibyte);
  });
});
