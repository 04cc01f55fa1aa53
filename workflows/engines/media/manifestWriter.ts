import { createHash } from 'node:crypto';
import { createGzip } from 'node:zlib';
import { manifestLine, type ManifestEntry } from '#schema/domain';
import { pour } from '../pour.js';
import type { Storage, Written } from '../storage/storage.js';

const pieceLength = 64 * 1024;

/** Streams the lines of a manifest to storage, gzipped. */
export class ManifestWriter {
  entries = 0;
  private readonly gzip = createGzip();
  private readonly hash = createHash('sha256');
  private readonly written: Promise<Written>;
  private piece = '';

  constructor(storage: Storage, key: string, signal: AbortSignal) {
    // What breaks it is thrown by the next write; nobody else listens.
    this.gzip.on('error', () => undefined);
    this.written = storage.write(key, this.gzip, { signal });
    this.written.catch(() => undefined);
  }

  async add(entry: ManifestEntry): Promise<void> {
    this.entries += 1;
    this.piece += manifestLine(entry);
    if (this.piece.length >= pieceLength) await this.flush();
  }

  /** Completes the manifest: bytes as stored, and the hash of the lines before compression. */
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
