import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { highestUnsealedFraction, ProgressMeter, secondsLeft, type Sample } from '#schema/domain';

const MiB = 1024 * 1024;

/** Observations as they come: time goes on, all else may jump about. */
const anySamples = fc
  .array(
    fc.record({
      doneBytes: fc.nat(10_000_000),
      totalBytes: fc.option(fc.nat(10_000_000)),
      stepMs: fc.nat(20_000),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((rows) => {
    let atMs = 1_700_000_000_000;
    return rows.map(({ doneBytes, totalBytes, stepMs }): Sample => {
      atMs += stepMs;
      return { doneBytes, totalBytes, atMs };
    });
  });

/** A steady copy: one sample a second. */
function steady(bytesPerSecond: number, totalBytes: number | null, seconds: number) {
  const meter = new ProgressMeter();
  let shown = meter.observe({ doneBytes: 0, totalBytes, atMs: 0 });
  for (let second = 1; second <= seconds; second += 1) {
    shown = meter.observe({ doneBytes: second * bytesPerSecond, totalBytes, atMs: second * 1_000 });
  }
  return shown;
}

describe('the bar', () => {
  it('never goes back and never reaches the end before the backup is sealed', () => {
    fc.assert(
      fc.property(anySamples, (samples) => {
        const meter = new ProgressMeter();
        let before: number | null = null;
        for (const sample of samples) {
          const { fraction } = meter.observe(sample);
          if (before !== null) expect(fraction).toBeGreaterThanOrEqual(before);
          if (fraction !== null) {
            expect(fraction).toBeGreaterThanOrEqual(0);
            expect(fraction).toBeLessThanOrEqual(highestUnsealedFraction);
          }
          before = fraction;
        }
      }),
    );
    expect(highestUnsealedFraction).toBeLessThan(1);
  });

  it('is not drawn while the total is unknown', () => {
    expect(new ProgressMeter().observe({ doneBytes: 5, totalBytes: null, atMs: 0 }).fraction).toBeNull();
  });

  it('stands still, rather than vanish, when the total is no longer known', () => {
    const meter = new ProgressMeter();
    meter.observe({ doneBytes: 50, totalBytes: 100, atMs: 0 });
    expect(meter.observe({ doneBytes: 60, totalBytes: null, atMs: 1 }).fraction).toBe(0.5);
  });

  it('stands still when the total turns out to be larger', () => {
    const meter = new ProgressMeter();
    meter.observe({ doneBytes: 50, totalBytes: 100, atMs: 0 });
    expect(meter.observe({ doneBytes: 60, totalBytes: 1_000, atMs: 1 }).fraction).toBe(0.5);
  });

  it('is full but for the seal where there is nothing to copy', () => {
    expect(new ProgressMeter().observe({ doneBytes: 0, totalBytes: 0, atMs: 0 }).fraction).toBe(
      highestUnsealedFraction,
    );
  });

  it('is full but for the seal where more was copied than expected', () => {
    const shown = new ProgressMeter().observe({ doneBytes: 120, totalBytes: 100, atMs: 0 });
    expect(shown.fraction).toBe(highestUnsealedFraction);
    expect(shown.doneBytes).toBe(120);
  });
});

describe('bytes done', () => {
  it('never decrease, and are whole numbers that JSON can carry', () => {
    fc.assert(
      fc.property(anySamples, (samples) => {
        const meter = new ProgressMeter();
        let before = 0;
        for (const sample of samples) {
          const { doneBytes } = meter.observe(sample);
          expect(doneBytes).toBeGreaterThanOrEqual(before);
          expect(Number.isSafeInteger(doneBytes)).toBe(true);
          before = doneBytes;
        }
      }),
    );
  });

  it('are rounded where the source can only estimate', () => {
    const shown = new ProgressMeter().observe({ doneBytes: 10.4, totalBytes: 99.6, atMs: 0 });
    expect(shown).toMatchObject({ doneBytes: 10, totalBytes: 100 });
  });
});

describe('the rate', () => {
  it('is not shown before half a second has passed', () => {
    const meter = new ProgressMeter();
    expect(meter.observe({ doneBytes: 0, totalBytes: null, atMs: 0 }).bytesPerSecond).toBeNull();
    expect(meter.observe({ doneBytes: 9, totalBytes: null, atMs: 499 }).bytesPerSecond).toBeNull();
    expect(meter.observe({ doneBytes: 10, totalBytes: null, atMs: 500 }).bytesPerSecond).toBe(20);
  });

  it('is that of a steady copy', () => {
    expect(steady(3 * MiB, null, 60).bytesPerSecond).toBe(3 * MiB);
  });

  it('forgets a fast beginning within ten seconds', () => {
    const meter = new ProgressMeter();
    for (let second = 0; second <= 20; second += 1) {
      meter.observe({ doneBytes: second * 100 * MiB, totalBytes: null, atMs: second * 1_000 });
    }
    let shown = meter.observe({ doneBytes: 2_000 * MiB, totalBytes: null, atMs: 20_001 });
    for (let second = 21; second <= 30; second += 1) {
      shown = meter.observe({
        doneBytes: 2_000 * MiB + (second - 20) * MiB,
        totalBytes: null,
        atMs: second * 1_000,
      });
    }
    expect(shown.bytesPerSecond).toBe(MiB);
  });

  it('falls to nothing while nothing moves', () => {
    const meter = new ProgressMeter();
    for (let second = 0; second <= 20; second += 1) {
      meter.observe({ doneBytes: Math.min(second, 5) * MiB, totalBytes: 100 * MiB, atMs: second * 1_000 });
    }
    const shown = meter.observe({ doneBytes: 5 * MiB, totalBytes: 100 * MiB, atMs: 21_000 });
    expect(shown).toMatchObject({ bytesPerSecond: 0, secondsLeft: null });
  });

  it('is never negative', () => {
    fc.assert(
      fc.property(anySamples, (samples) => {
        const meter = new ProgressMeter();
        for (const sample of samples) {
          const { bytesPerSecond, secondsLeft: left } = meter.observe(sample);
          if (bytesPerSecond !== null) expect(bytesPerSecond).toBeGreaterThanOrEqual(0);
          if (left !== null) expect(Number.isInteger(left) && left >= 0).toBe(true);
        }
      }),
    );
  });
});

describe('the time left', () => {
  it('follows from the rate and what is left', () => {
    expect(steady(MiB, 100 * MiB, 40).secondsLeft).toBe(60);
  });

  it('is rounded up: never “0 s” while something is left', () => {
    expect(secondsLeft(99, 100, 1_000_000)).toBe(1);
  });

  it('is 0 where all is copied, also where more was copied than expected', () => {
    expect(secondsLeft(100, 100, 10)).toBe(0);
    expect(secondsLeft(150, 100, 10)).toBe(0);
  });

  it('is not shown without a total or without a rate', () => {
    expect(secondsLeft(1, null, 10)).toBeNull();
    expect(secondsLeft(1, 100, null)).toBeNull();
    expect(secondsLeft(1, 100, 0)).toBeNull();
  });

  it('fits the API’s whole numbers however slow it is', () => {
    expect(secondsLeft(0, Number.MAX_SAFE_INTEGER, 1)).toBeLessThan(2 ** 31);
  });
});
