import { Readable } from 'node:stream';
import type { EngineStorage, StoredObject, WriteOptions, Written } from '../storage/storage.js';
import type { StorageCalls } from './storageCalls.js';
import type { ThreadPort } from './threadPort.js';
import { packError } from './wire.js';

/** So much travels at once, so often without an answer: little, for what is under way is not stored yet. */
const pieceBytes = 256 * 1024;
const piecesUnderWay = 2;

/** The worker’s storage as a thread sees it. */
export class RemoteStorage implements EngineStorage {
  private readonly calls: StorageCalls;

  constructor(private readonly port: ThreadPort) {
    this.calls = port.calls<StorageCalls>();
  }

  async write(
    key: string,
    source: Readable,
    { signal, onBytes, ...options }: WriteOptions,
  ): Promise<Written> {
    // It may fail before it is read from; the reading then throws its error.
    source.on('error', () => undefined);
    signal.throwIfAborted();
    const write = await this.calls.beginWrite({ key, ...options });
    const stop = () => {
      source.destroy(signal.reason instanceof Error ? signal.reason : new Error('Aborted'));
      void this.break(write, signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const quiet = this.port.onTaken(write, onBytes ?? (() => undefined));
    try {
      const sender = new PieceSender((piece) => this.calls.writePiece({ write, piece }));
      for await (const chunk of source as AsyncIterable<Buffer>) await sender.add(chunk);
      await sender.end();
      signal.throwIfAborted();
      return await this.calls.endWrite(write);
    } catch (error: unknown) {
      await this.break(write, error);
      throw error;
    } finally {
      quiet();
      signal.removeEventListener('abort', stop);
      source.destroy();
    }
  }

  async read(key: string, range?: { start: number; length: number }): Promise<Readable | null> {
    const read = await this.calls.beginRead({ key, range });
    return read === null ? null : Readable.from(this.pieces(read), { objectMode: false });
  }

  stat(key: string): Promise<StoredObject | null> {
    return this.calls.stat(key);
  }

  remove(keyOrPrefix: string): Promise<void> {
    return this.calls.remove(keyOrPrefix);
  }

  private async *pieces(read: number): AsyncGenerator<Buffer> {
    try {
      for (let piece = await this.calls.readPiece(read); piece; piece = await this.calls.readPiece(read)) {
        yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      }
    } finally {
      await this.calls.endRead(read);
    }
  }

  private async break(write: number, reason: unknown): Promise<void> {
    await this.calls.breakWrite({ write, reason: packError(reason) }).catch(() => undefined);
  }
}

/** Hands chunks over, small ones put together, some without waiting for an answer. */
class PieceSender {
  private piece: Buffer | null = null;
  private length = 0;
  private underWay: Array<Promise<void>> = [];

  constructor(private readonly send: (piece: Uint8Array) => Promise<void>) {}

  async add(chunk: Buffer): Promise<void> {
    // What owns its memory goes as it is.
    if (chunk.length >= pieceBytes && chunk.length === chunk.buffer.byteLength) {
      await this.flush();
      return this.hand(chunk);
    }
    for (let from = 0; from < chunk.length;) {
      this.piece ??= Buffer.allocUnsafeSlow(pieceBytes);
      const taken = chunk.copy(this.piece, this.length, from);
      this.length += taken;
      from += taken;
      if (this.length === pieceBytes) await this.flush();
    }
  }

  async end(): Promise<void> {
    await this.flush();
    await Promise.all(this.underWay);
  }

  private async flush(): Promise<void> {
    const { piece, length } = this;
    this.piece = null;
    this.length = 0;
    if (piece && length > 0) await this.hand(piece.subarray(0, length));
  }

  private async hand(piece: Buffer): Promise<void> {
    const sent = this.send(piece);
    // It is thrown when its turn comes, which it may not.
    sent.catch(() => undefined);
    this.underWay.push(sent);
    if (this.underWay.length >= piecesUnderWay) await this.underWay.shift();
  }
}
