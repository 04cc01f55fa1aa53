import type { BenchRow } from './bench.js';

/** The middle of some numbers; of an even count the mean of the two in the middle. */
export function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value below which this share of the numbers lies. */
export function percentile(numbers: number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/**
 * Measures several by turns, so that what slows the machine slows all; who begins changes every round. A round that
 * comes before is thrown away. `before` prepares each round.
 */
export async function byTurns<Who extends string>(
  rounds: number,
  measures: Record<Who, () => Promise<number>>,
  say: (line: string) => void,
  before: () => Promise<void> = async () => undefined,
): Promise<Record<Who, number[]>> {
  const all = Object.keys(measures) as Who[];
  const measured = Object.fromEntries(all.map((who) => [who, [] as number[]])) as Record<Who, number[]>;
  for (let round = 0; round <= rounds; round += 1) {
    await before();
    const turns = [...all.slice(round % all.length), ...all.slice(0, round % all.length)];
    for (const who of turns) {
      const value = await measures[who]();
      if (round > 0) measured[who].push(value);
    }
    if (round === 0) continue;
    say(`round ${round}: ${all.map((who) => `${who} ${brief(measured[who].at(-1))}`).join(', ')}`);
  }
  return measured;
}

/** Ours and one peer by turns. */
export async function interleaved(
  rounds: number,
  ours: () => Promise<number>,
  peer: () => Promise<number>,
  say: (line: string) => void,
): Promise<{ ours: number[]; peer: number[] }> {
  return byTurns(rounds, { ours, peer }, say);
}

/** The row of an interleaved measurement. */
export function compared(
  what: string,
  unit: string,
  measured: { ours: number[]; peer: number[] },
  aim: string | null = null,
): BenchRow {
  const ratios = measured.ours.map((ours, round) => ours / (measured.peer[round] ?? Number.NaN));
  return {
    what,
    ours: median(measured.ours),
    peer: median(measured.peer),
    unit,
    ratio: median(ratios),
    aim,
  };
}

/** The row of what is compared with nothing. */
export function alone(what: string, unit: string, measured: number[], aim: string | null = null): BenchRow {
  return { what, ours: median(measured), peer: null, unit, ratio: null, aim };
}

/** A number with as many digits as matter. */
export function brief(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return '–';
  if (value >= 100) return String(Math.round(value));
  return value.toFixed(value >= 10 ? 1 : 2);
}
