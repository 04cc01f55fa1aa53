/** One measured thing beside what it is compared with. */
export interface BenchRow {
  what: string;
  /** Median over the rounds. */
  ours: number;
  /** Median over the rounds; null where there is nothing to compare with. */
  peer: number | null;
  unit: string;
  /** Median of the rounds’ own ratios, ours to the peer’s; null without a peer. */
  ratio: number | null;
  /** What is aimed for, in words; null where nothing is. */
  aim: string | null;
}

export interface BenchResult {
  rows: BenchRow[];
  rounds: number;
  /** What a reader of the figures must know. */
  notes: string[];
}

/** A comparison of Holdfast with a peer, in interleaved rounds. */
export interface Bench {
  name: string;
  /** What it answers, in one sentence. */
  question: string;
  run(say: (line: string) => void): Promise<BenchResult>;
}
