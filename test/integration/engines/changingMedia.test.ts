import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packKey } from '#schema/domain';
import { contentsOf, copy, entriesOf, listened, place, put, sha256, useMediaBench } from './mediaBench.js';
import { keysOf } from './storage.suite.js';

const bench = useMediaBench();

describe('a folder that changes meanwhile', () => {
  // A pack is begun once the first large file has been opened and before any of it is read.
  const atFirst = (deed: () => void) => ({ onPack: async () => deed() });

  test('loses files: they are listed', async () => {
    // It comes first in a folder whose names are known by then.
    put(bench, 'b/+large', randomBytes(1_500_000));
    for (let i = 0; i < 300; i += 1) put(bench, `b/${i}`);
    put(bench, 'c/d/e');
    const copied = await copy(
      bench,
      atFirst(() => {
        rmSync(join(bench.root, 'b/299'));
        rmSync(join(bench.root, 'c'), { recursive: true });
      }),
    );
    expect(copied.warnings.map(({ code }) => code)).toEqual(['MEDIA_FILE_VANISHED']);
    const entries = await entriesOf(bench, copied);
    expect(entries.filter(({ problem }) => problem).map(({ path }) => path)).toEqual(['b/299', 'c']);
    await contentsOf(bench, copied);
  });

  test.each([
    ['grows', (path: string) => appendFileSync(path, randomBytes(10_000))],
    ['shrinks', (path: string) => truncateSync(path, 1_200_000)],
    ['is rewritten', (path: string) => writeFileSync(path, randomBytes(3_000_000))],
  ])('a file that %s once is read anew', async (_, deed) => {
    put(bench, 'a', randomBytes(3_000_000));
    put(bench, 'b', 'after');
    const copied = await copy(
      bench,
      atFirst(() => deed(join(bench.root, 'a'))),
    );
    expect(copied.warnings).toEqual([]);
    const final = sha256(readFileSync(join(bench.root, 'a')));
    expect((await entriesOf(bench, copied))[0]).toMatchObject({ path: 'a', sha256: final });
    expect((await contentsOf(bench, copied)).has(final)).toBe(true);
    const [pack] = copied.packs;
    const tar = join(bench.folder, 'storage', packKey(place, pack?.id ?? ''));
    expect(execFileSync('tar', ['-tf', tar]).toString()).toBe('media/a\nmedia/a\nmedia/b\n');
  });

  test('a file that changes each time is listed, and the rest is kept', async () => {
    // So large that some of it is in storage before all of it is read.
    put(bench, 'a', randomBytes(40_000_000));
    put(bench, 'b', 'after');
    const storage = listened(bench.storage, (key) => {
      if (key.endsWith('.tar')) appendFileSync(join(bench.root, 'a'), 'more');
    });
    const copied = await copy(bench, { storage });
    expect(copied.warnings).toEqual([
      { code: 'MEDIA_FILE_CHANGED', message: expect.stringContaining('“a”') },
    ]);
    expect((await entriesOf(bench, copied))[0]).toMatchObject({
      path: 'a',
      problem: 'changed while it was read',
    });
    expect([...(await contentsOf(bench, copied)).values()].map(String)).toEqual(['after']);
    expect(copied).toMatchObject({ files: 1, size: 5 });
  });

  test('the folder itself goes: that is a failure', async () => {
    put(bench, 'a', randomBytes(1_500_000));
    put(bench, 'b/c');
    const gone = copy(
      bench,
      atFirst(() => rmSync(bench.root, { recursive: true })),
    );
    await expect(gone).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' });
    expect(await keysOf(bench.storage, '')).toEqual([]);
  });
});
