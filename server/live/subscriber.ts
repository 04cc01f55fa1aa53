import { maySee, type ProjectChange, type Standing } from '#schema/domain';
import type { Viewer } from '../identity/viewer.js';
import { ChangeQueue } from './changeQueue.js';
import type { News, Source } from './sources.js';

/** Where a subscriber’s answers go: one operation on a socket, or one event stream. */
export interface Outlet {
  /** Whether the reader keeps up: nothing is sent while it does not. */
  readonly ready: boolean;
  /** Sends an answer: an ExecutionResult as JSON. */
  send(answer: string): void;
}

/** Why a connection is ended from here: its credential is gone, its reader is lost, or the server stops. */
export type Farewell = 'SIGNED_OUT' | 'TOO_SLOW' | 'STOPPING';

/** The connection that a subscription came over. */
export interface Owner {
  /** By what its person signed in. */
  readonly by: Viewer['by'];
  /** Who. */
  readonly userId: string;
  /** Ends the connection, with all its subscriptions. */
  close(why: Farewell): void;
}

/**
 * One open subscription. To the library that serves the transport it is a stream that brings nothing and ends when
 * the subscription does; answers go to the outlet straight away, many subscribers’ at once.
 */
export class Subscriber implements AsyncGenerator<never, void, void> {
  private readonly queue = new ChangeQueue();
  private standing: Standing | null = null;
  private seen = -1;
  private ended = false;
  private finish: () => void = () => undefined;
  private readonly finished = new Promise<void>((resolve) => (this.finish = resolve));

  constructor(
    readonly owner: Owner,
    readonly source: Source,
    private readonly outlet: Outlet,
    private readonly audience: { wake(): void },
    private readonly onEnd: () => void,
  ) {}

  /** Whether a change waits. */
  get waits(): boolean {
    return this.queue.holds;
  }

  /** Whether it can be told now. */
  get ready(): boolean {
    return this.outlet.ready;
  }

  /** Takes in a change of what it follows. */
  push(change: ProjectChange): void {
    if (this.ended || !this.source.wants(change)) return;
    if (this.queue.push(change)) this.audience.wake();
    else this.owner.close('TOO_SLOW');
  }

  /** The next change to tell it, or null. */
  take(): ProjectChange | null {
    return this.queue.take();
  }

  /** The change that was taken could not be told: it is told again. */
  putBack(): void {
    this.queue.putBack();
  }

  /**
   * Notes how its person stands to the project now, and ends it where that person may no longer see the project. Where
   * it was told a present state, a changed standing changes that: it is told anew.
   */
  stand(standing: Standing): void {
    if (this.ended) return;
    const before = this.standing;
    this.standing = standing;
    if (!maySee(standing)) this.end();
    else if (before && (before.role !== standing.role || before.isSupport !== standing.isSupport)) {
      this.seen = -1;
      if (this.source.present) this.push(this.source.present);
    }
  }

  /** Whether this is news to it. What is not is done with. */
  wants(news: News | null): news is News {
    if (!this.ended && news && (news.sequence === null || news.sequence > this.seen)) return true;
    this.queue.done();
    if (!news || news.last) this.end();
    return false;
  }

  /** Tells it. */
  tell(news: News, answer: string): void {
    this.queue.done();
    if (this.ended) return;
    this.seen = news.sequence ?? this.seen;
    this.outlet.send(answer);
    if (news.last) this.end();
  }

  /** Ends it; nothing is sent any more. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd();
    this.finish();
  }

  async next(): Promise<IteratorResult<never, void>> {
    await this.finished;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<never, void>> {
    this.end();
    return this.next();
  }

  async throw(): Promise<IteratorResult<never, void>> {
    return this.return();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
