import { Readable } from 'node:stream';

/**
 * A message whose end waits: it is read whole, but ends only once `beforeLastByte` has answered. The mail connection
 * writes the dot that ends a message only after that, and a mail without it does not count as received.
 */
export class HeldMessage extends Readable {
  /** Whether the end was let go: from then on the message may have arrived. */
  released = false;
  /** What `beforeLastByte` failed with. */
  refusal: unknown = null;
  private given = false;
  private asking: Promise<void> = Promise.resolve();

  constructor(
    private readonly bytes: Buffer,
    private readonly beforeLastByte: () => Promise<void>,
  ) {
    super();
  }

  /** Resolves once `beforeLastByte`, if it was called, has answered. */
  async settled(): Promise<void> {
    await this.asking;
  }

  override _read(): void {
    if (!this.given) {
      this.given = true;
      this.push(this.bytes);
      return;
    }
    this.asking = this.letGo();
  }

  private async letGo(): Promise<void> {
    try {
      await this.beforeLastByte();
    } catch (error: unknown) {
      this.refusal = error;
      this.destroy(new Error('The end of the message was held back'));
      return;
    }
    // The connection may have broken meanwhile; then nothing carries the end.
    if (this.destroyed) return;
    this.released = true;
    this.push(null);
  }
}
