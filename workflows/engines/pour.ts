import type { Writable } from 'node:stream';

/** Writes to a stream and waits until it takes more; rejects where it was closed or broke. */
export function pour(into: Writable, chunk: Buffer | string): Promise<void> {
  if (into.destroyed || into.writableEnded) return Promise.reject(closed(into));
  if (into.write(chunk)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = () => {
      into.off('drain', settle);
      into.off('close', settle);
      into.off('error', settle);
      if (into.destroyed) reject(closed(into));
      else resolve();
    };
    into.on('drain', settle);
    into.on('close', settle);
    into.on('error', settle);
  });
}

function closed(into: Writable): Error {
  return into.errored ?? new Error('The stream was closed while it was written to');
}
