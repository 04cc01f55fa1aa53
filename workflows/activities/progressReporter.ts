import { heartbeat } from '@temporalio/activity';
import type { Logger } from 'pino';
import { ProgressMeter, type Sample } from '#schema/domain';
import type { RowAnswer } from './jobRow.js';

const tickMs = 250;
const idleTicks = 4;
type Shown = ReturnType<ProgressMeter['observe']>;

/**
 * Carries a step’s progress to its row, at most four times a second, keeps Temporal’s heartbeat, and learns from the
 * row whether to stop. A catalogue that does not answer stops nothing: the work goes on and is reported later.
 */
export class ProgressReporter {
  private readonly meter = new ProgressMeter();
  private readonly stop = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private latest: Sample | null = null;
  private writing: Promise<void> = Promise.resolve();
  private busy = false;
  private quiet = 0;
  private firstDone: number | null = null;
  /** Whether any byte has moved. */
  progressed = false;

  constructor(
    private readonly write: (shown: Shown | null) => Promise<RowAnswer>,
    private readonly log: Logger,
  ) {
    this.timer = setInterval(() => this.tick(), tickMs);
  }

  /** Aborts with `canceled` or `taken over` once the row says so. */
  get signal(): AbortSignal {
    return this.stop.signal;
  }

  /** Takes in how far the work is; cheap, call it as often as you like. */
  observe(doneBytes: number, totalBytes: number | null): void {
    this.firstDone ??= doneBytes;
    if (doneBytes > this.firstDone) this.progressed = true;
    const first = this.latest === null || (this.latest.totalBytes === null && totalBytes !== null);
    this.latest = { doneBytes, totalBytes, atMs: Date.now() };
    if (first) this.tick();
  }

  /** Ends; the last observation has been written, or could not be. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
    if (!this.stop.signal.aborted) await this.report(true);
  }

  private tick(): void {
    heartbeat();
    if (this.busy) return;
    this.busy = true;
    this.writing = this.report(false).finally(() => (this.busy = false));
  }

  private async report(last: boolean): Promise<void> {
    const sample = this.latest;
    this.quiet += 1;
    if (!sample && this.quiet < idleTicks) return;
    this.latest = null;
    if (!sample && last) return;
    this.quiet = 0;
    try {
      const answer = await this.write(sample ? this.meter.observe(sample) : null);
      if (answer !== 'go on') this.stop.abort(answer);
    } catch (error: unknown) {
      this.log.warn({ error: String(error) }, 'progress could not be written; the work goes on');
    }
  }
}
