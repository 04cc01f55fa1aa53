import type { FileHandle } from 'node:fs/promises';

const batchBytes = 512 * 1024;

/** Appends pieces to a file: small ones together, and one batch on its way while the next is gathered. */
export class BatchedWriter {
  private batch: Buffer[] = [];
  private length = 0;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly handle: FileHandle) {}

  /** Takes the next piece; rejects with what an earlier one ran into. */
  async add(piece: Buffer): Promise<void> {
    this.batch.push(piece);
    this.length += piece.length;
    if (this.length >= batchBytes) await this.flush();
  }

  /** Settles once all pieces are written. */
  async end(): Promise<void> {
    await this.flush();
    await this.writing;
  }

  /** Settles once nothing is on its way any more, whatever became of it: only then may the file be closed. */
  async idle(): Promise<void> {
    await this.writing.catch(() => undefined);
  }

  private async flush(): Promise<void> {
    const { batch } = this;
    this.batch = [];
    this.length = 0;
    await this.writing;
    this.writing = writeAll(this.handle, batch);
    // It is thrown when the next batch, or the end, comes by.
    this.writing.catch(() => undefined);
  }
}

async function writeAll(handle: FileHandle, batch: Buffer[]): Promise<void> {
  let left = batch.filter((piece) => piece.length > 0);
  while (left.length > 0) {
    let { bytesWritten } = await handle.writev(left);
    left = left.flatMap((piece) => {
      const written = Math.min(piece.length, bytesWritten);
      bytesWritten -= written;
      return written === piece.length ? [] : [piece.subarray(written)];
    });
  }
}
