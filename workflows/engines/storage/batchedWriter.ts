import type { FileHandle } from 'node:fs/promises';

const batchBytes = 512 * 1024;
/** After so many bytes the disk is set to work, so that at the end little is left to wait for. */
const syncedBytes = 32 * 1024 * 1024;

/** Appends pieces to a file: small ones together, and one batch on its way while the next is gathered. */
export class BatchedWriter {
  private batch: Buffer[] = [];
  private length = 0;
  private writing: Promise<void> = Promise.resolve();
  private unsynced = 0;
  private syncing: Promise<void> = Promise.resolve();
  private isSyncing = false;

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
    // A disk tells only once what it could not keep.
    await this.syncing;
  }

  /** Settles once nothing is on its way any more, whatever became of it: only then may the file be closed. */
  async idle(): Promise<void> {
    await this.writing.catch(() => undefined);
    await this.syncing.catch(() => undefined);
  }

  private async flush(): Promise<void> {
    const { batch, length } = this;
    this.batch = [];
    this.length = 0;
    this.unsynced += length;
    await this.writing;
    if (this.unsynced >= syncedBytes && !this.isSyncing) await this.sync();
    this.writing = writeAll(this.handle, batch);
    // It is thrown when the next batch, or the end, comes by.
    this.writing.catch(() => undefined);
  }

  /** Begins to bring to disk what is written, beside what comes; rejects with what that ran into the time before. */
  private async sync(): Promise<void> {
    await this.syncing;
    this.unsynced = 0;
    this.isSyncing = true;
    this.syncing = this.handle.datasync().finally(() => (this.isSyncing = false));
    this.syncing.catch(() => undefined);
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
