import type { Readable } from 'node:stream';

/** Takes a stream apart into pieces of wanted sizes. */
export class PieceReader {
  private readonly source: AsyncIterator<Buffer>;
  private chunk: Buffer = Buffer.alloc(0);
  private at = 0;
  private room = Buffer.alloc(0);

  constructor(private readonly stream: Readable) {
    this.source = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** The next bytes where all of them have come already, else null. Good until more is asked for. */
  takeNow(size: number): Buffer | null {
    if (this.chunk.length - this.at < size) return null;
    this.at += size;
    return this.chunk.subarray(this.at - size, this.at);
  }

  /** The next bytes, fewer only at the stream’s end. Good until more is asked for. */
  async take(size: number): Promise<Buffer> {
    const now = this.takeNow(size);
    if (now) return now;
    if (this.room.length < size) this.room = Buffer.allocUnsafeSlow(size);
    let length = 0;
    while (length < size) {
      const piece = await this.next(size - length);
      if (!piece) break;
      length += piece.copy(this.room, length);
    }
    return this.room.subarray(0, length);
  }

  /** The next bytes, at most so many, as they come; null at the stream’s end. */
  async next(most: number): Promise<Buffer | null> {
    while (this.at >= this.chunk.length) {
      const next = await this.source.next();
      if (next.done) return null;
      this.chunk = next.value;
      this.at = 0;
    }
    const piece = this.chunk.subarray(this.at, this.at + most);
    this.at += piece.length;
    return piece;
  }

  /** Passes over bytes where all of them have come already; false otherwise: then nothing is passed. */
  skipNow(size: number): boolean {
    if (this.chunk.length - this.at < size) return false;
    this.at += size;
    return true;
  }

  /** Passes over bytes. */
  async skip(size: number): Promise<void> {
    for (let left = size; left > 0;) {
      const piece = await this.next(left);
      if (!piece) return;
      left -= piece.length;
    }
  }

  close(): void {
    this.stream.destroy();
  }
}
