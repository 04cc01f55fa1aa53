/** How far a job is. Bytes are bytes of the source; `fraction` 0 to 1, null while it cannot be told. */
export interface Progress {
  attempt: number;
  phase: string;
  fraction: number | null;
  doneBytes: number;
  totalBytes: number | null;
  bytesPerSecond: number | null;
  secondsLeft: number | null;
}

/** How far an attempt is that has just begun. */
export const nothingDone = {
  fraction: 0,
  doneBytes: 0,
  totalBytes: null,
  bytesPerSecond: null,
  secondsLeft: null,
} as const satisfies Partial<Progress>;

/** One observation of the work: bytes done so far of a total (null: unknown), at a time in milliseconds. */
export interface Sample {
  doneBytes: number;
  totalBytes: number | null;
  atMs: number;
}

/** Nothing is called done before it is sealed. */
export const highestUnsealedFraction = 0.99;
const rateWindowMs = 8_000;

/**
 * Turns samples into honest progress: the fraction never decreases and stays below 1 until sealed, the rate is
 * that of the last seconds, the time left follows from both.
 */
export class ProgressMeter {
  private readonly samples: Sample[] = [];
  private fraction: number | null = null;
  private doneBytes = 0;

  /** Takes in a sample and answers with what may be shown. */
  observe(sample: Sample): Omit<Progress, 'attempt' | 'phase'> {
    this.doneBytes = Math.max(this.doneBytes, sample.doneBytes);
    this.samples.push({ ...sample, doneBytes: this.doneBytes });
    while (this.samples.length > 2 && sample.atMs - (this.samples[0]?.atMs ?? 0) > rateWindowMs)
      this.samples.shift();
    if (sample.totalBytes !== null) {
      const share = sample.totalBytes === 0 ? highestUnsealedFraction : this.doneBytes / sample.totalBytes;
      this.fraction = Math.max(this.fraction ?? 0, Math.min(highestUnsealedFraction, share));
    }
    const bytesPerSecond = this.rate();
    return {
      fraction: this.fraction,
      doneBytes: Math.round(this.doneBytes),
      totalBytes: sample.totalBytes === null ? null : Math.round(sample.totalBytes),
      bytesPerSecond,
      secondsLeft: secondsLeft(this.doneBytes, sample.totalBytes, bytesPerSecond),
    };
  }

  private rate(): number | null {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (!first || !last || last.atMs - first.atMs < 500) return null;
    return Math.round(((last.doneBytes - first.doneBytes) * 1000) / (last.atMs - first.atMs));
  }
}

/** Whole seconds until the rest is done at this rate; null while that cannot be told. */
export function secondsLeft(
  doneBytes: number,
  totalBytes: number | null,
  bytesPerSecond: number | null,
): number | null {
  if (totalBytes === null || !bytesPerSecond || bytesPerSecond <= 0) return null;
  return Math.min(2_000_000_000, Math.max(0, Math.ceil((totalBytes - doneBytes) / bytesPerSecond)));
}
