const FIRST_MS = 250;
const LONGEST_MS = 15_000;
const STEADY_MS = 60_000;

/**
 * How long to wait before a process that died is started again, in milliseconds: a quarter of a second after a steady
 * life, else twice as long as the time before, up to 15 seconds.
 */
export function nextBackoff(previous: number | undefined, livedMs: number): number {
  if (previous === undefined || livedMs >= STEADY_MS) return FIRST_MS;
  return Math.min(previous * 2, LONGEST_MS);
}
