import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describe as inWords } from '../../../workflows/engines/media/folder/fileFacts.js';
import { folderSource } from '../../../workflows/engines/media/folder/folderSource.js';
import type { MediaSource, Walked } from '../../../workflows/engines/media/source.js';
import { contentsOf, copy, entriesOf, put, settleMs, sha256, useMediaBench } from './mediaBench.js';

const bench = useMediaBench();

/** The same media; the deed is done once an entry has been told of, before anything is made of it. */
function after(path: string, deed: () => void): MediaSource {
  const source = folderSource(bench.root, settleMs);
  return {
    ...source,
    async open(order) {
      const media = await source.open(order);
      return {
        ...media,
        *walk(): Generator<Walked> {
          let isDone = false;
          for (const walked of media.walk()) {
            if (walked.path === path && !isDone) {
              isDone = true;
              deed();
            }
            yield walked;
          }
        },
      };
    },
  };
}

/** Puts a link to a folder outside of the media, with files of the same names, into a folder’s place. */
function swap(folder: string): void {
  renameSync(join(bench.root, folder), join(bench.folder, 'aside'));
  symlinkSync(join(bench.folder, 'outside'), join(bench.root, folder));
}

function putOutside(path: string, bytes: string | Buffer): void {
  put({ ...bench, root: join(bench.folder, 'outside') }, path, bytes);
}

const openFiles = async () => (await readdir('/proc/self/fd')).length;

// Elsewhere the system does not tell where an opened file lies.
describe.runIf(process.platform === 'linux')('a folder that is swapped for a link leads nowhere', () => {
  const secret = randomBytes(3_000_000);

  test.each([
    ['before it is entered', 'a', 'a'],
    ['above one that is entered', 'a/b', 'a/b'],
    ['before a small file is read', 'a/b/small', 'a/b/small'],
  ])('%s', async (_, path, missing) => {
    put(bench, 'a/b/small', 'mine');
    putOutside('b/small', secret.subarray(0, 1_000));
    putOutside('small', secret.subarray(0, 1_000));
    const before = await openFiles();
    const copied = await copy(bench, { source: after(path, () => swap('a')) });
    expect(await openFiles()).toBe(before);
    expect(copied).toMatchObject({ files: 0, packs: [] });
    expect(copied.warnings[0]).toEqual({
      code: 'MEDIA_FILE_VANISHED',
      message: expect.stringContaining(`: 1 (“${missing}”)`),
    });
  });

  test('between the walk and the reading of a large file', async () => {
    put(bench, 'a/b/0', 'first');
    put(bench, 'a/b/large', randomBytes(3_000_000));
    put(bench, 'a/c', 'mine');
    put(bench, 'z', 'after');
    putOutside('b/large', secret);
    putOutside('c', secret.subarray(0, 1_000));
    // It is read when its turn comes: after the small one before it, which waits for the walk’s end.
    const copied = await copy(bench, { source: after('z', () => swap('a')) });
    const byPath = new Map((await entriesOf(bench, copied)).map((entry) => [entry.path, entry]));
    expect(byPath.get('a/b/large')).toMatchObject({ problem: expect.stringContaining('vanished') });
    const contents = [...(await contentsOf(bench, copied)).values()];
    expect(contents.some((bytes) => secret.includes(bytes.subarray(0, 1_000)))).toBe(false);
    expect(contents.map(String)).toContain('after');
  });

  test('its entries are those of the folder that was entered', async () => {
    put(bench, 'a/1', 'mine');
    symlinkSync('mine', join(bench.root, 'a/2'));
    mkdirSync(join(bench.folder, 'outside'));
    symlinkSync('secret', join(bench.folder, 'outside/2'));
    const copied = await copy(bench, { source: after('a/1', () => swap('a')) });
    const entries = await entriesOf(bench, copied);
    expect(entries.find(({ path }) => path === 'a/2')).toMatchObject({ type: 'symlink', target: 'mine' });
  });
});

test.runIf(process.platform === 'linux')('what is not copied to its end leaves no folder open', async () => {
  put(bench, 'a/b/c');
  const before = await openFiles();
  const broken = after('a/b/c', () => {
    throw new Error('cut off');
  });
  await expect(copy(bench, { source: broken })).rejects.toThrow('cut off');
  expect(await openFiles()).toBe(before);
});

test('a number that a new file got from a deleted one makes it no second name of that', async () => {
  put(bench, 'a', 'old');
  put(bench, 'b', 'between');
  linkSync(join(bench.root, 'a'), join(bench.root, 'y'));
  linkSync(join(bench.root, 'a'), join(bench.root, 'z'));
  // Which number a new file gets is the file system’s choice: here the file itself becomes another.
  const copied = await copy(bench, {
    source: after('b', () => writeFileSync(join(bench.root, 'y'), 'newer')),
  });
  expect(copied.warnings).toEqual([]);
  expect(await entriesOf(bench, copied)).toMatchObject([
    { path: 'a', type: 'file', sha256: sha256('old') },
    { path: 'b', type: 'file' },
    { path: 'y', type: 'file', sha256: sha256('newer') },
    { path: 'z', type: 'hardlink', target: 'y' },
  ]);
});

test('what cannot be looked at counts as nothing, and fails nothing', async () => {
  // Deeper than any path may be long: a folder is moved below others.
  const name = 'n'.repeat(250);
  const deep = (names: number) => Array.from({ length: names }, () => name).join('/');
  put(bench, 'file', '12345');
  put(bench, `${deep(9)}/x`, 'x');
  mkdirSync(join(bench.folder, deep(9)), { recursive: true });
  put({ ...bench, root: join(bench.folder, deep(9)) }, 'y', 'y');
  renameSync(join(bench.folder, name), join(bench.root, `${deep(9)}/below`));
  try {
    const copied = await copy(bench);
    expect(copied).toMatchObject({ files: 2, warnings: [{ code: 'MEDIA_FILE_UNREADABLE' }] });
  } finally {
    // Nobody could remove it there.
    renameSync(join(bench.root, `${deep(9)}/below`), join(bench.folder, name));
  }
});

test.each(['EMFILE', 'ENFILE', 'ENOMEM', 'ESTALE', 'ENOTCONN'])('%s is nobody’s file’s fault', (code) => {
  const error = Object.assign(new Error(code), { code });
  expect(() => inWords(error)).toThrow(error);
});
