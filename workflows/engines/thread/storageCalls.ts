import type { StoredObject, WriteOptions, Written } from '../storage/storage.js';
import type { SentError } from './wire.js';

/** What a thread asks of the worker’s storage; each call has one plain value. */
export interface StorageCalls {
  /** Answers a number for the write. */
  beginWrite(order: { key: string } & Omit<WriteOptions, 'signal' | 'onBytes'>): Promise<number>;
  /** Answers once storage has room for more. The piece is handed over, not copied. */
  writePiece(order: { write: number; piece: Uint8Array }): Promise<void>;
  endWrite(write: number): Promise<Written>;
  /** Gives a write up; answers once storage has let go of it. */
  breakWrite(order: { write: number; reason: SentError }): Promise<void>;
  /** Answers a number for the read, or null where there is no such object. */
  beginRead(order: {
    key: string;
    range: { start: number; length: number } | undefined;
  }): Promise<number | null>;
  /** The next piece; null at the end. */
  readPiece(read: number): Promise<Uint8Array | null>;
  endRead(read: number): Promise<void>;
  stat(key: string): Promise<StoredObject | null>;
  remove(keyOrPrefix: string): Promise<void>;
}
