import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { systemCode } from '../systemCode.js';

/** Node’s types do not name what Node has. */
declare const WebAssembly: { Memory: new (size: { initial: number }) => { buffer: ArrayBuffer } };

const pageBytes = 64 * 1024;
const pieceBytes = 1024 * 1024;

/**
 * The content of a file as its disk gives it, past the system’s cache; where a file system does not know how to do
 * that, as the system gives it. A piece is good until the next one is asked for.
 */
export async function* bytesOnDisk(path: string): AsyncGenerator<Buffer> {
  const { O_RDONLY, O_DIRECT = 0 } = constants;
  let handle = await openAs(path, O_RDONLY | O_DIRECT, O_RDONLY);
  // Past the cache the kernel reads only to memory that begins at a page: WebAssembly’s does.
  const piece = Buffer.from(new WebAssembly.Memory({ initial: pieceBytes / pageBytes }).buffer);
  try {
    for (let position = 0; ;) {
      let read;
      try {
        read = await handle.read(piece, 0, pieceBytes, position);
      } catch (error: unknown) {
        if (systemCode(error) !== 'EINVAL') throw error;
        await handle.close();
        handle = await open(path, O_RDONLY);
        continue;
      }
      if (read.bytesRead === 0) return;
      yield piece.subarray(0, read.bytesRead);
      position += read.bytesRead;
    }
  } finally {
    await handle.close();
  }
}

async function openAs(path: string, flags: number, otherwise: number): Promise<FileHandle> {
  try {
    return await open(path, flags);
  } catch (error: unknown) {
    if (systemCode(error) !== 'EINVAL') throw error;
    return open(path, otherwise);
  }
}
