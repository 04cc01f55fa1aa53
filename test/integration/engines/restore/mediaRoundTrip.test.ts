import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { removeTree } from '../../../../workflows/engines/media/restore/removeTree.js';
import { copy, put, useMediaBench } from '../mediaBench.js';
import { anyChange, apply } from '../mediaChanges.js';
import { MediaHistory, treeOn, type Tree } from '../mediaHistory.js';
import { partOf, stage, stagedAt } from './mediaRestoreBench.js';

const bench = useMediaBench();
const never = new AbortController().signal;

/** A tree with times as restoring keeps them: to the microsecond. */
function inMicroseconds(tree: Tree): Tree {
  return new Map([...tree].map(([path, words]) => [path, words.replace(/(\.\d{6})\d{3}Z/, '$1000Z')]));
}

const stagedTree = () => treeOn({ ...bench, root: stagedAt(bench) });

test('a zoo of entries comes back as it was', async () => {
  put(bench, 'a/b/deep.txt', 'hello');
  put(bench, 'a-b', 'hello');
  put(bench, 'a/0', 'zero');
  put(bench, 'a.b');
  put(bench, 'empty', '');
  put(bench, Buffer.from([0x6e, 0xff, 0xfe, 0x2f, 0x80]), 'odd bytes');
  put(bench, 'Ünïcødé/表.txt', 'unicode');
  put(bench, '🦊/🐛.jpg', 'emoji');
  put(bench, 'line\nfeed "quoted"\\', 'names');
  put(bench, `${'long/'.repeat(60)}${'n'.repeat(255)}`, 'long');
  put(bench, 'large', randomBytes(3_500_000));
  put(bench, 'again/large', readFileSync(join(bench.root, 'large')));
  mkdirSync(join(bench.root, 'nothing'));
  symlinkSync('a/0', join(bench.root, 'link'));
  symlinkSync('../nowhere/at/all', join(bench.root, 'dangling'));
  symlinkSync('/etc', join(bench.root, 'outside'));
  symlinkSync(Buffer.from([0xff]) as unknown as string, join(bench.root, 'oddlink'));
  linkSync(join(bench.root, 'a/0'), join(bench.root, 'z-second-name'));
  linkSync(join(bench.root, 'a/0'), join(bench.root, 'nothing/third-name'));
  const sparse = openSync(join(bench.root, 'sparse'), 'w');
  writeSync(sparse, 'begin');
  writeSync(sparse, 'end', 6_000_000);
  ftruncateSync(sparse, 20_000_000);
  closeSync(sparse);
  chmodSync(join(bench.root, 'a.b'), 0o640);
  chmodSync(join(bench.root, 'a-b'), 0o400);
  chmodSync(join(bench.root, 'a'), 0o2550);
  utimesSync(join(bench.root, 'a.b'), 1_000, 1_700_000_000);
  utimesSync(join(bench.root, 'a'), 1_000, 1_600_000_000.123456);
  utimesSync(join(bench.root, 'empty'), -5_000, -4_000.5);
  lutimesSync(join(bench.root, 'link'), 5, 5);
  const copied = await copy(bench, { packBytes: 1_000_000 });
  expect(copied.warnings).toEqual([]);
  expect(copied.packs.length).toBeGreaterThan(2);
  const seen: Array<{ doneBytes: number; totalBytes: number }> = [];
  const staged = await stage(bench, partOf(copied), { onProgress: (progress) => seen.push(progress) });
  expect(stagedTree()).toEqual(inMicroseconds(treeOn(bench)));
  expect(staged).toMatchObject({
    entries: copied.entries,
    files: copied.files,
    bytes: copied.size,
    hardlinks: 2,
    absent: 0,
    outwardLinks: 2,
    directory: stagedAt(bench),
  });
  const { dev, ino, mode } = lstatSync(stagedAt(bench));
  expect(staged.ino).toBe(`${dev}:${ino}`);
  expect(mode & 0o7777).toBe(0o755);
  expect(seen[0]).toEqual({ doneBytes: 0, totalBytes: copied.size });
  expect(seen.at(-1)).toEqual({ doneBytes: copied.size, totalBytes: copied.size });
  expect(statSync(join(stagedAt(bench), 'sparse')).blocks * 512).toBeLessThan(4_000_000);
});

test('bits that lend their owner’s rights are not given to files', async () => {
  put(bench, 'program', 'x');
  chmodSync(join(bench.root, 'program'), 0o6755);
  await stage(bench, partOf(await copy(bench)));
  expect(lstatSync(join(stagedAt(bench), 'program')).mode & 0o7777).toBe(0o755);
});

test.runIf(process.getuid?.() === 0)('everything is given to the owner of the live folder', async () => {
  put(bench, 'a/b', 'x');
  symlinkSync('b', join(bench.root, 'a/c'));
  const owner = { uid: 1234, gid: 2345 };
  const target = { in: 'folder', directory: stagedAt(bench), owner, mode: 0o750 } as const;
  await stage(bench, partOf(await copy(bench)), { target });
  for (const path of ['', 'a', 'a/b', 'a/c'])
    expect(lstatSync(join(stagedAt(bench), path))).toMatchObject(owner);
  expect(lstatSync(stagedAt(bench)).mode & 0o7777).toBe(0o750);
});

test('an empty folder, and what the backup could not hold', async () => {
  await stage(bench, partOf(await copy(bench)));
  expect(stagedTree()).toEqual(new Map());
});

test('many files that hold the same', async () => {
  for (let i = 0; i < 3_000; i += 1) put(bench, `d${i % 7}/f${i}`, i % 3 === 0 ? '' : 'same');
  await stage(bench, partOf(await copy(bench)));
  expect(stagedTree()).toEqual(inMicroseconds(treeOn(bench)));
});

test('any tree, from incremental backups of many packs, comes back as it was, a few files at a time', async () => {
  const history = new MediaHistory(bench);
  await fc.assert(
    fc.asyncProperty(fc.array(anyChange, { minLength: 5, maxLength: 30 }), async (changes) => {
      for (const change of changes) apply(bench.root, change);
      const copied = await history.backUp({ packBytes: 40_000 });
      const limits = { contents: 2, files: 3, folders: changes.length % 4 };
      await stage(bench, partOf(copied), { limits });
      expect(stagedTree()).toEqual(inMicroseconds(treeOn(bench)));
      await removeTree(stagedAt(bench), never);
    }),
    { numRuns: 25 },
  );
});
