import { PassThrough } from 'node:stream';
import { pour } from '../pour.js';
import type { EngineStorage, Written } from '../storage/storage.js';
import type { StorageCalls } from './storageCalls.js';
import { packError, unpackError } from './wire.js';

/** How many pieces wait for storage to take them. */
const piecesAhead = 2;

interface OpenWrite {
  stream: PassThrough;
  halt: AbortController;
  written: Promise<Written>;
}

/** The worker’s storage, for one thread. */
export interface ServedStorage {
  calls: StorageCalls;
  /** Ends what a thread that is gone has left open; settles once storage has let go of it. */
  close(): Promise<void>;
}

/** Numbers of writes and reads: never used twice, so that nothing late can be taken for something new. */
let last = 0;

/** Does in the worker what a thread asks of storage; `onTaken` hears how many bytes of a write storage has taken. */
export function serveStorage(
  storage: EngineStorage,
  signal: AbortSignal,
  onTaken: (write: number, total: number) => void,
): ServedStorage {
  const writes = new Map<number, OpenWrite>();
  const reads = new Map<number, AsyncIterator<Buffer>>();

  const open = (write: number): OpenWrite => {
    const found = writes.get(write);
    if (!found) throw new Error('This write has ended');
    return found;
  };
  const calls: StorageCalls = {
    async beginWrite({ key, ...options }) {
      const id = (last += 1);
      // By pieces, not bytes: else they would be copied together on their way.
      const stream = new PassThrough({ objectMode: true, highWaterMark: piecesAhead });
      stream.on('error', () => undefined);
      const halt = new AbortController();
      const written = storage.write(key, stream, {
        ...options,
        signal: AbortSignal.any([signal, halt.signal]),
        onBytes: (total) => onTaken(id, total),
      });
      written.catch(() => undefined);
      writes.set(id, { stream, halt, written });
      return id;
    },
    async writePiece({ write, piece: { buffer, byteOffset, byteLength } }) {
      const { stream, written } = open(write);
      try {
        await pour(stream, Buffer.from(buffer, byteOffset, byteLength));
      } catch (error: unknown) {
        // Why storage takes no more is told by the write itself.
        await written;
        throw error;
      }
    },
    async endWrite(write) {
      const { stream, written } = open(write);
      stream.end();
      return written.finally(() => writes.delete(write));
    },
    async breakWrite({ write, reason }) {
      const found = writes.get(write);
      if (!found) return;
      const error = unpackError(reason);
      found.halt.abort(error);
      found.stream.destroy(error);
      await found.written.catch(() => undefined);
      writes.delete(write);
    },
    async beginRead({ key, range }) {
      const stream = await storage.read(key, range);
      if (!stream) return null;
      const id = (last += 1);
      reads.set(id, stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>);
      return id;
    },
    async readPiece(read) {
      const next = await reads.get(read)?.next();
      return next && !next.done ? next.value : null;
    },
    async endRead(read) {
      await reads.get(read)?.return?.();
      reads.delete(read);
    },
    stat: (key) => storage.stat(key),
    remove: (keyOrPrefix) => storage.remove(keyOrPrefix),
  };
  return {
    calls,
    async close() {
      const reason = packError(new Error('The thread is gone'));
      await Promise.all([...writes.keys()].map((write) => calls.breakWrite({ write, reason })));
      await Promise.all([...reads.keys()].map((read) => calls.endRead(read)));
    },
  };
}
