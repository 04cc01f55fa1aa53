import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { openStorage } from '../../../workflows/engines/storage/openStorage.js';
import { storageProblem } from '../../../workflows/engines/storage/storageProblem.js';
import { mountSmallDisk } from './smallDisk.js';
import { keysOf, storageSuite } from './storage.suite.js';

const never = new AbortController().signal;
const folders: string[] = [];
const folder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-storage-'));
  folders.push(path);
  return path;
};

afterEach(async () => {
  for (const path of folders.splice(0)) await rm(path, { recursive: true, force: true });
});

describe('a folder as storage', () => {
  storageSuite(async () => openStorage({ directory: await folder() }));

  test('keeps its files for its own user and leaves no empty folder', async () => {
    const directory = await folder();
    const storage = openStorage({ directory });
    await storage.write('a/b/c', Readable.from([Buffer.from('x')]), { signal: never });
    expect((await stat(join(directory, 'a/b'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, 'a/b/c'))).mode & 0o777).toBe(0o600);
    await storage.remove('a/b/c');
    expect(await readdir(directory)).toEqual([]);
  });

  test('removes what a writer that was killed has left', async () => {
    const directory = await folder();
    const storage = openStorage({ directory });
    await storage.write('a/b', Readable.from([Buffer.from('x')]), { signal: never });
    await writeFile(join(directory, 'a/b.partial-dead'), 'half');
    await writeFile(join(directory, 'a/bc'), 'another');
    expect(await keysOf(storage, 'a/')).toEqual(['a/b', 'a/b.partial-dead', 'a/bc']);
    await storage.remove('a/b');
    expect(await keysOf(storage, '')).toEqual(['a/bc']);
  });

  test('a folder that is not there is no empty storage', async () => {
    const directory = join(await folder(), 'not-mounted');
    const storage = openStorage({ directory });
    const unreachable = { code: 'STORAGE_UNREACHABLE' };
    await expect(storage.probe()).rejects.toMatchObject(unreachable);
    await expect(
      storage.write('a', Readable.from([Buffer.from('x')]), { signal: never }),
    ).rejects.toMatchObject(unreachable);
    await expect(storage.stat('a')).rejects.toMatchObject(unreachable);
    await expect(storage.read('a')).rejects.toMatchObject(unreachable);
    await expect(storage.seal('a', Buffer.from('x'))).rejects.toMatchObject(unreachable);
    await expect(storage.remove('a')).rejects.toMatchObject(unreachable);
    await expect(keysOf(storage, '')).rejects.toMatchObject(unreachable);
    expect(await readdir(join(directory, '..'))).toEqual([]);
  });

  test('F24: a full disk is named as such, with what is free, and nothing stays', async () => {
    const disk = mountSmallDisk(5);
    if (!disk) {
      const problem = await storageProblem(
        await folder(),
        Object.assign(new Error('no space'), { code: 'ENOSPC' }),
      );
      expect(problem).toMatchObject({ code: 'STORAGE_FULL', message: expect.stringContaining('free') });
      return;
    }
    try {
      const storage = openStorage({ directory: disk.path });
      const source = Readable.from(
        (function* () {
          for (let i = 0; i < 100; i += 1) yield Buffer.alloc(100_000);
        })(),
      );
      await expect(storage.write('v1/big', source, { signal: never })).rejects.toMatchObject({
        code: 'STORAGE_FULL',
        message: expect.stringMatching(/of 5\.0 MiB are free/),
      });
      expect(source.destroyed).toBe(true);
      expect(await readdir(disk.path)).toEqual([]);
    } finally {
      disk.release();
    }
  });

  test.each([
    ['EACCES', 'STORAGE_AUTHENTICATION'],
    ['EROFS', 'STORAGE_AUTHENTICATION'],
    ['EDQUOT', 'STORAGE_FULL'],
    ['EIO', 'STORAGE_UNREACHABLE'],
    ['ESTALE', 'STORAGE_UNREACHABLE'],
  ])('%s is %s', async (code, expected) => {
    expect(await storageProblem('/', Object.assign(new Error('no'), { code }))).toMatchObject({
      code: expected,
    });
  });
});

describe('a folder with a limit on its bandwidth', () => {
  storageSuite(async () => openStorage({ directory: await folder(), maxBytesPerSecond: 100_000_000 }));
});
