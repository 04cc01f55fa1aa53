import { requestsAtOnce } from './sideBySide.js';

/** So much waits to be sent at most. */
const mostBytes = 48 * 1024 * 1024;

/** Requests side by side, as many as there is room for. After the first that failed no other is taken. */
export class RequestPool {
  private readonly underWay = new Set<Promise<void>>();
  private bytes = 0;
  private failed: { error: unknown } | null = null;

  /** Begins a request that holds so many bytes in memory; answers what is to be waited for before the next one. */
  add(bytes: number, send: () => Promise<unknown>): Promise<void> | undefined {
    this.throwIfFailed();
    this.bytes += bytes;
    const request = send()
      .then(
        () => undefined,
        (error: unknown) => {
          this.failed ??= { error };
        },
      )
      .finally(() => {
        this.bytes -= bytes;
        this.underWay.delete(request);
      });
    this.underWay.add(request);
    return this.isFull() ? this.untilRoom() : undefined;
  }

  /** Waits until all have ended; throws where one of them failed. */
  async settle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
    this.throwIfFailed();
  }

  private async untilRoom(): Promise<void> {
    while (this.isFull()) await Promise.race(this.underWay);
    this.throwIfFailed();
  }

  private isFull(): boolean {
    return this.underWay.size >= requestsAtOnce || (this.bytes > mostBytes && this.underWay.size > 0);
  }

  private throwIfFailed(): void {
    if (this.failed) throw this.failed.error;
  }
}
