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
 * Measures ours and the peer’s by turns, so that what slows the machine slows both; who begins changes every round.
 * A round that comes before is thrown away.
 */
export async function interleaved(
  rounds: number,
  ours: () => Promise<number>,
  peer: () => Promise<number>,
  say: (line: string) => void,
): Promise<{ ours: number[]; peer: number[] }> {
  const measured = { ours: [] as number[], peer: [] as number[] };
  await ours();
  await peer();
  for (let round = 1; round <= rounds; round += 1) {
    const turns: Array<['ours' | 'peer', () => Promise<number>]> = [
      ['ours', ours],
      ['peer', peer],
    ];
    if (round % 2 === 0) turns.reverse();
    for (const [who, measure] of turns) measured[who].push(await measure());
    say(`round ${round}: ours ${brief(measured.ours.at(-1))}, peer ${brief(measured.peer.at(-1))}`);
  }
  return measured;
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

/** A number with as many digits as matter. */
export function brief(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return '–';
  if (value >= 100) return String(Math.round(value));
  return value.toFixed(value >= 10 ? 1 : 2);
}
