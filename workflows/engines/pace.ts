import { setTimeout as delay } from 'node:timers/promises';

const nanosecondsPerSecond = 1_000_000_000;
const nanosecondsPerMs = 1_000_000;

/** A pace in plain values, which can be sent to another thread. */
export type SharedPace = Pick<Pace, 'bytesPerSecond' | 'shared'>;

/** The pace at which all sources together are read; null: as fast as can be. */
export function sourcePace(bytesPerSecond: number | undefined): SharedPace | null {
  if (bytesPerSecond === undefined) return null;
  const { shared } = new Pace(bytesPerSecond);
  return { bytesPerSecond, shared };
}

/**
 * A limit in bytes per second for all who share it, in whichever thread: give another thread `bytesPerSecond` and
 * `shared`, of which it makes a pace of its own. An idle time is not saved up.
 */
export class Pace {
  /** When the next bytes may pass, in nanoseconds of the machine’s clock, which is one for all threads. */
  private readonly freeAt: BigInt64Array;

  constructor(
    readonly bytesPerSecond: number,
    readonly shared: SharedArrayBuffer = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT),
  ) {
    this.freeAt = new BigInt64Array(shared);
  }

  /** Waits until so many bytes may pass; rejects with the signal’s reason where it aborts meanwhile. */
  async turn(bytes: number, signal?: AbortSignal): Promise<void> {
    const waitMs = this.book(bytes);
    if (waitMs > 1) await delay(waitMs, undefined, signal && { signal });
  }

  /** Takes the next free time for so many bytes; answers with the milliseconds until it is over. */
  private book(bytes: number): number {
    const taken = BigInt(Math.round((bytes * nanosecondsPerSecond) / this.bytesPerSecond));
    for (;;) {
      const now = process.hrtime.bigint();
      const known = Atomics.load(this.freeAt, 0);
      const next = (known > now ? known : now) + taken;
      if (Atomics.compareExchange(this.freeAt, 0, known, next) === known) {
        return Number(next - now) / nanosecondsPerMs;
      }
    }
  }
}
