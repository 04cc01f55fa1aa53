import type { ProjectChange } from '#schema/domain';

/** How many changes may wait for one reader before it is given up. */
const mostWaiting = 10_000;

/**
 * One subscriber’s changes, in order, while they wait for it. A slow reader skips progress that newer progress
 * replaces: what is sent is the state as it is by then.
 */
export class ChangeQueue {
  private readonly waiting: ProjectChange[] = [];
  /** Those of the waiting that newer ones replace. */
  private readonly replaceable = new Set<string>();
  private taken: ProjectChange | null = null;

  /** Takes in a change; ignored where it replaces one that waits. False: too many wait, the reader is lost. */
  push(change: ProjectChange): boolean {
    if (change.kind === 'JOB_PROGRESSED' || change.kind === 'ENVIRONMENT_CHANGED') {
      if (this.replaceable.has(keyOf(change))) return true;
      this.replaceable.add(keyOf(change));
    }
    return this.waiting.push(change) <= mostWaiting;
  }

  /** Whether a change waits. */
  get holds(): boolean {
    return this.waiting.length > 0;
  }

  /** The next change, or null. It counts as unread until `done`. */
  take(): ProjectChange | null {
    this.taken = this.waiting.shift() ?? null;
    if (this.taken) this.replaceable.delete(keyOf(this.taken));
    return this.taken;
  }

  /** The change that was taken has been dealt with. */
  done(): void {
    this.taken = null;
  }

  /** The change that was taken could not be dealt with: it comes again, before all others. */
  putBack(): void {
    if (this.taken) this.waiting.unshift(this.taken);
    this.taken = null;
  }
}

function keyOf({ kind, id }: ProjectChange): string {
  return `${kind} ${id}`;
}
