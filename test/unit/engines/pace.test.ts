import { expect, test } from 'vitest';
import { Pace } from '../../../workflows/engines/pace.js';

test('all who share a pace wait for each other', async () => {
  const one = new Pace(1_000_000);
  const other = new Pace(one.bytesPerSecond, one.shared);
  const begun = performance.now();
  await Promise.all([one.turn(100_000), other.turn(100_000), one.turn(100_000)]);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(295);
});

test('what is small does not wait', async () => {
  const pace = new Pace(1_000_000_000);
  const begun = performance.now();
  for (let count = 0; count < 100; count += 1) await pace.turn(10);
  expect(performance.now() - begun).toBeLessThan(250);
});

test('waiting ends with the signal', async () => {
  const pace = new Pace(1);
  await expect(pace.turn(1_000, AbortSignal.timeout(20))).rejects.toThrow();
});
