import { pipeline, Transform, type Readable } from 'node:stream';
import { Pace } from '../pace.js';
import type { Storage, WriteOptions } from './storage.js';

const sliceMs = 100;

/**
 * The same storage with a limit on how fast all its writes together take bytes in, evenly: in tenths of a second.
 */
export function throttled(storage: Storage, bytesPerSecond: number): Storage {
  const pace = new Pace(bytesPerSecond);
  const sliceBytes = Math.max(1, Math.floor((bytesPerSecond * sliceMs) / 1000));
  return {
    write(key: string, source: Readable, options: WriteOptions) {
      const paced = new Transform({
        highWaterMark: Math.min(sliceBytes, 64 * 1024),
        transform(chunk: Buffer, _encoding, done) {
          void (async () => {
            for (let from = 0; from < chunk.length && !this.destroyed; from += sliceBytes) {
              const slice = chunk.subarray(from, from + sliceBytes);
              await pace.turn(slice.length);
              if (!this.destroyed) this.push(slice);
            }
            done();
          })();
        },
      });
      // The storage reports what fails; the source's own error reaches it through the pipeline.
      pipeline(source, paced, () => undefined);
      return storage.write(key, paced, options);
    },
    seal: (key, bytes) => storage.seal(key, bytes),
    stat: (key) => storage.stat(key),
    read: (key, range) => storage.read(key, range),
    list: (prefix) => storage.list(prefix),
    remove: (keyOrPrefix) => storage.remove(keyOrPrefix),
    localFile: (key) => storage.localFile(key),
    probe: () => storage.probe(),
  };
}
