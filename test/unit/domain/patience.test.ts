import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failures, judge as judgeAfter, type FailedAttempt, type FailureCode } from '#schema/domain';

/** What Holdfast waits for an outage unless it is set otherwise. */
const outagePatienceMs = 120_000;
const judge = (failed: FailedAttempt) => judgeAfter(failed, outagePatienceMs);

const codes = Object.keys(failures) as FailureCode[];
const outages = ['DATABASE_UNREACHABLE', 'STORAGE_UNREACHABLE'] as const;
const transient = [...outages, 'STALLED', 'INTERNAL'] as const;
const personal = codes.filter((code) => !transient.some((passing) => passing === code));

const attempt = (code: FailureCode, more: Partial<FailedAttempt> = {}): FailedAttempt => ({
  code,
  crashed: false,
  fruitless: 1,
  failed: 1,
  quietMs: 0,
  ...more,
});

/** Lets every attempt fail, each after `took` milliseconds, until Holdfast gives up. */
function sitOut(
  code: FailureCode,
  took: (fruitless: number) => number,
): { attempts: number; lastBeganMs: number; gaveUpMs: number } {
  let clock = 0;
  for (let fruitless = 1; fruitless < 1_000; fruitless += 1) {
    const lastBeganMs = clock;
    clock += took(fruitless);
    const verdict = judge(attempt(code, { fruitless, quietMs: clock }));
    if (!verdict.again) return { attempts: fruitless, lastBeganMs, gaveUpMs: clock };
    clock += verdict.delayMs;
  }
  throw new Error('It never gives up.');
}

describe('an outage', () => {
  it.each(outages)('is waited for about two minutes: %s', (code) => {
    const { gaveUpMs, attempts } = sitOut(code, () => 0);
    expect(gaveUpMs).toBeGreaterThanOrEqual(outagePatienceMs);
    expect(gaveUpMs).toBeLessThan(outagePatienceMs + 1_000);
    expect(attempts).toBeLessThan(20);
  });

  it.each(outages)('ends within two minutes and one attempt, however slowly attempts fail: %s', (code) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 30 }), (times) => {
        const { lastBeganMs, gaveUpMs } = sitOut(code, (fruitless) => times[fruitless % times.length] ?? 0);
        expect(lastBeganMs).toBeLessThan(outagePatienceMs + 250);
        expect(gaveUpMs).toBeGreaterThanOrEqual(outagePatienceMs);
        expect(gaveUpMs).toBeLessThanOrEqual(outagePatienceMs + 30_250);
      }),
    );
  });

  it('is tried again soon at first, then more seldom, never less than every 15 seconds', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((fruitless) => {
      const verdict = judge(attempt('DATABASE_UNREACHABLE', { fruitless }));
      return verdict.again ? verdict.delayMs : null;
    });
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });

  it('that began after bytes moved has its two minutes all the same', () => {
    expect(judge(attempt('STORAGE_UNREACHABLE', { fruitless: 1, quietMs: 0 }))).toEqual({
      again: true,
      delayMs: 1_000,
    });
  });
});

describe('what a person has to mend', () => {
  it('is everything but outages, standing still and what is unexplained', () => {
    expect(codes.filter((code) => failures[code].transient)).toEqual(transient);
    expect(personal).toHaveLength(codes.length - 4);
  });

  it('ends the job at once, whatever came before', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...personal),
        fc.nat(100),
        fc.nat(10_000_000),
        (code, fruitless, quietMs) => {
          expect(judge(attempt(code, { fruitless: fruitless + 1, quietMs }))).toEqual({ again: false });
        },
      ),
    );
  });
});

describe('a worker that dies', () => {
  it('is followed by another attempt at once, whatever it was doing and however long that took', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.integer({ min: 1, max: 39 }),
        fc.nat(10_000_000),
        (code, fruitless, quietMs) => {
          expect(judge(attempt(code, { crashed: true, fruitless, failed: fruitless, quietMs }))).toEqual({
            again: true,
            delayMs: 250,
          });
        },
      ),
    );
  });

  it('at every attempt is not tried for ever', () => {
    expect(judge(attempt('INTERNAL', { crashed: true, fruitless: 40 }))).toEqual({ again: false });
  });
});

describe('an unexplained error', () => {
  it('gets five attempts in a row that move nothing', () => {
    const answers = [1, 2, 3, 4, 5, 6].map((fruitless) => judge(attempt('INTERNAL', { fruitless })).again);
    expect(answers).toEqual([true, true, true, true, false, false]);
  });
});

describe('what stands still', () => {
  it('gets three attempts, although each may have moved something first', () => {
    const answers = [1, 2, 3].map((failed) => judge(attempt('STALLED', { failed, quietMs: 600_000 })).again);
    expect(answers).toEqual([true, true, false]);
  });
});

it('nothing that moves something each time and then fails is tried for ever', () => {
  for (const code of transient) expect(judge(attempt(code, { failed: 100 }))).toEqual({ again: false });
});

it('every verdict names a wait between a quarter of a second and 15 seconds', () => {
  const any = fc.record({
    code: fc.constantFrom(...codes),
    crashed: fc.boolean(),
    fruitless: fc.integer({ min: 1, max: 1_000 }),
    failed: fc.integer({ min: 1, max: 1_000 }),
    quietMs: fc.nat(100_000_000),
  });
  fc.assert(
    fc.property(any, (failed) => {
      const verdict = judge(failed);
      if (!verdict.again) return;
      expect(verdict.delayMs).toBeGreaterThanOrEqual(250);
      expect(verdict.delayMs).toBeLessThanOrEqual(15_000);
    }),
  );
});

it('an outage is waited for as long as Holdfast is set to wait', () => {
  const away = attempt('DATABASE_UNREACHABLE', { fruitless: 3, quietMs: 9_000 });
  expect(judgeAfter(away, 13_001)).toEqual({ again: true, delayMs: 4_000 });
  expect(judgeAfter(away, 10_000)).toEqual({ again: true, delayMs: 1_000 });
  expect(judgeAfter(away, 9_000)).toEqual({ again: false });
});
