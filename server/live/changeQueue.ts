import type { Change } from '#schema/domain';

/** One subscriber’s changes, in order. A slow reader skips progress that newer progress replaces. */
export class ChangeQueue {
  private readonly waiting: Change[] = [];
  private wake: (() => void) | null = null;
  private ended = false;

  constructor(
    private readonly wanted: (change: Change) => boolean,
    private readonly onClose: () => void,
  ) {}

  /** Takes in a change; ignored where it is not wanted or an equal one already waits. */
  push(change: Change): void {
    if (this.ended || !this.wanted(change)) return;
    const replaceable = change.kind === 'JOB_PROGRESSED' || change.kind === 'ENVIRONMENT_CHANGED';
    if (replaceable && this.waiting.some((each) => each.id === change.id && each.kind === change.kind))
      return;
    this.waiting.push(change);
    this.wake?.();
  }

  /** No more changes: the reader finishes what waits. */
  end(): void {
    this.ended = true;
    this.wake?.();
  }

  /** Ends and forgets; call it when the reader leaves. */
  close(): void {
    this.end();
    this.onClose();
  }

  /** The next change, or null once ended. */
  async next(): Promise<Change | null> {
    for (;;) {
      const change = this.waiting.shift();
      if (change) return change;
      if (this.ended) return null;
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = null;
    }
  }
}
