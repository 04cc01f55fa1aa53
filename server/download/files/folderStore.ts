import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { DownloadFile } from '#schema/entities';
import type { ByteRange, FileStore, OpenedFile } from './fileStore.js';
import { pourFile } from './pourFile.js';

const absent = ['ENOENT', 'ENOTDIR', 'ELOOP'];

/** Files of downloads in a folder of this machine. */
export class FolderStore implements FileStore {
  constructor(private readonly folder: string) {}

  async open(file: DownloadFile, range: ByteRange): Promise<OpenedFile | null> {
    const handle = await this.find(file);
    return (
      handle && {
        pour: (response, signal) => pourFile(handle, range, response, signal),
        close: () => handle.close(),
      }
    );
  }

  async has(file: DownloadFile): Promise<boolean> {
    const handle = await this.find(file);
    await handle?.close();
    return handle !== null;
  }

  async addressOf(): Promise<null> {
    return null;
  }

  /** Opens the file itself, never what a link stands for. */
  private async find({ storageKey, size }: DownloadFile): Promise<FileHandle | null> {
    // A folder that is not there is storage that is away: that no file is in it tells nothing.
    const root = await realpath(this.folder);
    try {
      const parent = await realpath(path.dirname(path.join(root, storageKey)));
      if (!parent.startsWith(root + path.sep)) return null;
      const name = path.join(parent, path.basename(storageKey));
      const handle = await open(name, constants.O_RDONLY | constants.O_NOFOLLOW);
      const found = await handle.stat();
      if (found.isFile() && found.size === size) return handle;
      await handle.close();
      return null;
    } catch (error: unknown) {
      if (absent.includes((error as NodeJS.ErrnoException).code ?? '')) return null;
      throw error;
    }
  }
}
