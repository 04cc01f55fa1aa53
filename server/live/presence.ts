import type { Viewer } from '../identity/viewer.js';
import type { Farewell, Owner, Subscriber } from './subscriber.js';

/** One connection of a person, with what it subscribed to: a socket, or an event stream. */
export class Presence implements Owner {
  readonly by: Viewer['by'];
  readonly userId: string;
  readonly subscribers = new Set<Subscriber>();
  /** When its credential ends by itself, as last heard; null: never, or not heard yet. */
  expiresAt: Date | null = null;
  private left = false;

  constructor(
    viewer: Viewer,
    private readonly onClose: (why: Farewell) => void,
    private readonly onLeave: (presence: Presence) => void,
  ) {
    this.by = viewer.by;
    this.userId = viewer.user.id;
  }

  /** Whether the connection has ended. */
  get gone(): boolean {
    return this.left;
  }

  close(why: Farewell): void {
    if (this.left) return;
    this.onClose(why);
    this.leave();
  }

  /** The connection has ended. */
  leave(): void {
    if (this.left) return;
    this.left = true;
    for (const subscriber of this.subscribers) subscriber.end();
    this.onLeave(this);
  }
}
