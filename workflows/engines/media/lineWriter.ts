import { createHash } from 'node:crypto';
import { createGzip } from 'node:zlib';
import { pour } from '../pour.js';
import type { EngineStorage, WriteOptions, Written } from '../storage/storage.js';

const pieceLength = 64 * 1024;

/** Streams lines to storage, gzipped. */
export class LineWriter {
  // Most of a line is a hash, which nothing makes smaller.
  private readonly gzip = createGzip({ level: 1 });
  private readonly hash = createHash('sha256');
  private readonly written: Promise<Written>;
  private piece = '';

  constructor(storage: EngineStorage, key: string, options: WriteOptions) {
    // What breaks it is thrown by the next write; nobody else listens.
    this.gzip.on('error', () => undefined);
    this.written = storage.write(key, this.gzip, options);
    this.written.catch(() => undefined);
  }

  /** Adds whole lines, with their line feeds; what it answers has to be waited for. */
  add(lines: string): Promise<void> | undefined {
    this.piece += lines;
    return this.piece.length >= pieceLength ? this.flush() : undefined;
  }

  /** Completes the object: bytes as stored, and the hash of the lines before compression. */
  async end(): Promise<{ size: number; sha256: string }> {
    await this.flush();
    this.gzip.end();
    const { size } = await this.written;
    return { size, sha256: this.hash.digest('hex') };
  }

  /** Gives up what was written; settles once storage has let go of it. */
  async abandon(reason: unknown): Promise<void> {
    this.gzip.destroy(reason instanceof Error ? reason : new Error('abandoned', { cause: reason }));
    await this.written.catch(() => undefined);
  }

  private async flush(): Promise<void> {
    const piece = Buffer.from(this.piece);
    this.piece = '';
    this.hash.update(piece);
    try {
      await pour(this.gzip, piece);
    } catch (error: unknown) {
      await this.written;
      throw error;
    }
  }
}
