import { randomUUID } from 'node:crypto';
import { link, lstat, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { StepProblem } from '../stepProblem.js';
import { BatchedWriter } from './batchedWriter.js';
import { makeFolders, removeEmptyFolders, requireRoot, syncFolders } from './fileFolders.js';
import { listFiles, removeFiles } from './fileTree.js';
import { bytesOnDisk } from './bytesOnDisk.js';
import { readFileRange } from './fileRead.js';
import { Fingerprint } from './fingerprint.js';
import { inTurns } from './inTurns.js';
import { requireSame } from './requireSame.js';
import type { Probed, Storage, StoredObject, WriteOptions, Written } from './storage.js';
import { keyNames, partialKey } from './storageKey.js';
import { storageProblem } from './storageProblem.js';
import { systemCode } from '../systemCode.js';

/** Keeps backups in a folder, which must be there: one that was not mounted is not made anew. */
export class FileStorage implements Storage {
  constructor(private readonly root: string) {}

  async write(key: string, source: Readable, options: WriteOptions): Promise<Written> {
    const { signal, onBytes, hash = true, readBack = false } = options;
    const print = new Fingerprint(hash ? 'sha256' : readBack ? 'crc32' : 'none');
    const stop = () => void source.destroy(abortReason(signal));
    signal.addEventListener('abort', stop, { once: true });
    // It may fail before it is read from; the reading then throws its error.
    source.on('error', () => undefined);
    try {
      signal.throwIfAborted();
      let ended = '';
      const fill = async (handle: FileHandle) => {
        const writer = new BatchedWriter(handle);
        try {
          let size = 0;
          for await (const chunk of inTurns(source as AsyncIterable<Buffer>)) {
            await this.asked(writer.add(chunk));
            print.add(chunk);
            size += chunk.length;
            onBytes?.(size);
          }
          await this.asked(writer.end());
          signal.throwIfAborted();
          ended = print.end();
          return { size, sha256: hash ? ended : '' };
        } finally {
          await writer.idle();
        }
      };
      const check = async (partial: string) => {
        // Who gave it up may have removed it already.
        signal.throwIfAborted();
        if (readBack) await requireSame(ended, new Fingerprint(print.kind), bytesOnDisk(partial), signal);
      };
      return await this.writeBeside(key, fill, check);
    } finally {
      signal.removeEventListener('abort', stop);
      source.destroy();
    }
  }

  async seal(key: string, bytes: Buffer): Promise<'sealed' | 'exists'> {
    const random = randomUUID();
    const partial = this.path(partialKey(key, random));
    return this.asked(
      (async () => {
        const handle = await this.create(partial, key);
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await link(partial, this.path(key));
        await syncFolders(this.root, key).catch(async (error: unknown) => {
          await unlink(this.path(key)).catch(() => undefined);
          throw error;
        });
        return 'sealed' as const;
      })()
        .catch((error: unknown) => {
          if (systemCode(error) === 'EEXIST') return 'exists' as const;
          throw error;
        })
        .finally(async () => {
          await unlink(partial).catch(() => undefined);
          await removeEmptyFolders(this.root, key).catch(() => undefined);
        }),
    );
  }

  async stat(key: string): Promise<StoredObject | null> {
    const path = this.path(key);
    return this.asked(
      (async () => {
        const found = await absentAsNull(lstat(path));
        if (found?.isFile()) return { key, size: found.size };
        await requireRoot(this.root);
        return null;
      })(),
    );
  }

  async read(key: string, range?: { start: number; length: number }): Promise<Readable | null> {
    const path = this.path(key);
    return this.asked(
      (async () => {
        const handle = await absentAsNull(open(path, 'r'));
        if (handle) return readFileRange(handle, range, (error) => storageProblem(this.root, error));
        await requireRoot(this.root);
        return null;
      })(),
    );
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    try {
      yield* listFiles(this.root, prefix);
    } catch (error: unknown) {
      throw await storageProblem(this.root, error);
    }
  }

  async remove(keyOrPrefix: string): Promise<void> {
    await this.asked(removeFiles(this.root, keyOrPrefix));
  }

  localFile(key: string): string {
    return this.path(key);
  }

  async probe(): Promise<Probed> {
    const key = `probe-${randomUUID()}`;
    await this.seal(key, Buffer.from('Holdfast asks whether it may write here.\n'));
    await this.remove(key);
    return { lacks: [] };
  }

  /** Fills a file beside the key and moves it there once it is whole, durable and checked; leaves nothing otherwise. */
  private async writeBeside(
    key: string,
    fill: (handle: FileHandle) => Promise<Written>,
    check: (partial: string) => Promise<void>,
  ): Promise<Written> {
    const path = this.path(key);
    const partial = this.path(partialKey(key, randomUUID()));
    const handle = await this.asked(this.create(partial, key));
    let written: Written;
    try {
      written = await fill(handle);
      await this.asked(handle.sync());
      await this.asked(handle.close());
      await this.requireSize(partial, written.size);
      await this.asked(check(partial));
      await this.asked(rename(partial, path));
    } catch (error: unknown) {
      await handle.close().catch(() => undefined);
      await unlink(partial).catch(() => undefined);
      await removeEmptyFolders(this.root, key).catch(() => undefined);
      throw error;
    }
    try {
      await this.asked(syncFolders(this.root, key));
    } catch (error: unknown) {
      await unlink(path).catch(() => undefined);
      await removeEmptyFolders(this.root, key).catch(() => undefined);
      throw error;
    }
    return written;
  }

  private async requireSize(path: string, size: number): Promise<void> {
    const stored = await this.asked(lstat(path));
    if (stored.size !== size) {
      throw new StepProblem(
        'STORAGE_UNREACHABLE',
        `The backup storage holds ${stored.size} of ${size} bytes written`,
      );
    }
  }

  private async create(partial: string, key: string): Promise<FileHandle> {
    for (let attempt = 1; ; attempt += 1) {
      await makeFolders(this.root, key);
      try {
        return await open(partial, 'wx', 0o600);
      } catch (error: unknown) {
        // Somebody who removed the last neighbour has removed the folder just made.
        if (systemCode(error) !== 'ENOENT' || attempt === 5) throw error;
      }
    }
  }

  private path(key: string): string {
    return join(this.root, ...keyNames(key));
  }

  private async asked<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error: unknown) {
      throw await storageProblem(this.root, error);
    }
  }
}

async function absentAsNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error: unknown) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('Aborted', { cause: signal.reason });
}
