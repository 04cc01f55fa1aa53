/** The share of the real sizes that benches take, to try them quickly: `BENCH_SIZE=0.05 npm run bench -- database`. */
const share = Number(process.env.BENCH_SIZE ?? 1);

/** A count at the size that is asked for; at least 1. */
export function sized(count: number): number {
  return Math.max(1, Math.round(count * share));
}
