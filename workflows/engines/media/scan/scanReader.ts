import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { EngineStorage } from '../../storage/storage.js';
import { ScanLines, type KnownFile, type ScanHeader } from './scanLine.js';

/** Where a scan list lies, and the hex SHA-256 of its lines. */
export interface ScanPlace {
  key: string;
  sha256: string;
}

/** A scan list is gone or not what was written. What was taken from it cannot be relied on. */
export class DamagedScan extends Error {
  override readonly name = 'DamagedScan';
}

/** By pieces of so many bytes: a request that stays open while files are read may be cut off. */
const pieceBytes = 1024 * 1024;

/** Reads a scan list, as fast as it is asked for its files. */
export class ScanReader {
  private readonly hash = createHash('sha256');
  private readonly lines = new ScanLines();
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly gunzip = createGunzip();
  private ready: string[] = [];
  private next = 0;
  private rest: Buffer = Buffer.alloc(0);
  /** What storage said where it could not be asked. */
  private unasked: unknown = null;

  constructor(
    private readonly storage: EngineStorage,
    private readonly place: ScanPlace,
  ) {
    pipeline(Readable.from(this.stored()), this.gunzip, () => undefined);
    this.chunks = this.gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** What the list begins with; to be asked for first. */
  async header(): Promise<ScanHeader> {
    if (await this.fill()) this.parse(this.ready[this.next++] ?? '');
    if (!this.lines.header) throw new DamagedScan('The scan list is empty');
    return this.lines.header;
  }

  /** The next file; null at the end, once the whole was found to be what was written. */
  async file(): Promise<KnownFile | null> {
    for (;;) {
      if (this.next >= this.ready.length && !(await this.fill())) return null;
      const file = this.parse(this.ready[this.next++] ?? '');
      if (file) return file;
    }
  }

  close(): void {
    this.gunzip.destroy();
  }

  private async fill(): Promise<boolean> {
    this.next = 0;
    this.ready = [];
    while (this.ready.length === 0) {
      const chunk = await this.chunk();
      if (!chunk) return this.end();
      this.hash.update(chunk);
      const whole = chunk.lastIndexOf(0x0a) + 1;
      if (whole > 0) {
        const text = Buffer.concat([this.rest, chunk.subarray(0, whole - 1)]).toString();
        this.ready = text.split('\n');
        this.rest = chunk.subarray(whole);
      } else {
        this.rest = Buffer.concat([this.rest, chunk]);
      }
    }
    return true;
  }

  private async chunk(): Promise<Buffer | null> {
    try {
      const chunk = await this.chunks.next();
      return chunk.done ? null : chunk.value;
    } catch (error: unknown) {
      throw this.unasked ?? new DamagedScan('The scan list cannot be read', { cause: error });
    }
  }

  private end(): false {
    if (this.hash.digest('hex') === this.place.sha256) return false;
    throw new DamagedScan('The scan list is not what was written');
  }

  private parse(line: string): KnownFile | null {
    try {
      return this.lines.read(line);
    } catch (error: unknown) {
      throw new DamagedScan('The scan list cannot be understood', { cause: error });
    }
  }

  private async *stored(): AsyncGenerator<Buffer> {
    const { key } = this.place;
    try {
      const found = await this.storage.stat(key);
      if (!found) throw new DamagedScan('The scan list is gone');
      for (let start = 0; start < found.size; start += pieceBytes) {
        const length = Math.min(pieceBytes, found.size - start);
        const stream = await this.storage.read(key, { start, length });
        if (!stream) throw new DamagedScan('The scan list is gone');
        yield* stream as AsyncIterable<Buffer>;
      }
    } catch (error: unknown) {
      this.unasked = error;
      throw error;
    }
  }
}
