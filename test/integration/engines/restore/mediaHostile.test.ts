import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { packIndexKey, type ManifestEntry } from '#schema/domain';
import { StagedTree } from '../../../../workflows/engines/media/restore/stagedTree.js';
import { verifyMedia } from '../../../../workflows/engines/media/restore/verifyMedia.js';
import { copy, place, put, sha256, useMediaBench } from '../mediaBench.js';
import { treeOn } from '../mediaHistory.js';
import { crafted, craftedLines, partOf, stage, stagedAt } from './mediaRestoreBench.js';

const bench = useMediaBench();
const never = new AbortController().signal;
const nothing = sha256('');

type Crafted = Partial<ManifestEntry> & Pick<ManifestEntry, 'type'>;
const file = (path: string): Crafted => ({ path, type: 'file', size: 0, sha256: nothing });
const folder = (path: string): Crafted => ({ path, type: 'directory' });
const symlink = (path: string, target: string): Crafted => ({ path, type: 'symlink', target });
const hardlink = (path: string, target: string): Crafted => ({ path, type: 'hardlink', target });

const hostile: Array<[what: string, entries: Crafted[], words: RegExp]> = [
  ['an absolute name', [file('/etc/cron.d/evil')], /“\/etc\/cron\.d\/evil” has an absolute name/],
  ['a name that leads out', [file('../evil')], /“\.\.\/evil” has “\.\.” in its name/],
  ['one that leads out from within', [folder('a'), file('a/../../evil')], /has “\.\.” in its name/],
  ['the folder itself', [folder('.')], /has “\.” in its name/],
  ['an empty name', [folder('a'), file('a//b')], /empty name/],
  ['a folder’s name with a slash', [folder('a/')], /empty name|lies below/],
  ['no name', [file('')], /has no name/],
  ['a zero byte', [file('a\0b')], /“a\?b” has a zero byte/],
  ['a name that is too long', [file('n'.repeat(256))], /too long/],
  ['bytes that lead out', [{ ...file(''), path: undefined, pathBase64: 'Li4vZXZpbA==' }], /has “\.\.”/],
  [
    'an entry below a link',
    [symlink('a', '/tmp'), file('a/evil')],
    /“a\/evil” lies below what is not listed/,
  ],
  ['an entry below a file', [file('a'), file('a/evil')], /lies below what is not listed as a folder/],
  ['an entry below what is not listed', [file('a/evil')], /lies below what is not listed as a folder/],
  [
    'a folder below a link below a link',
    [symlink('a', 'b'), folder('a/c'), file('a/c/d')],
    /“a\/c” lies below/,
  ],
  ['the same name twice', [file('a'), file('a')], /“a” is listed twice/],
  [
    'a link and a folder of one name',
    [symlink('a', '/tmp'), folder('a'), file('a/evil')],
    /“a” is listed twice/,
  ],
  ['entries out of order', [file('b'), file('a')], /“a” is out of order/],
  ['a hardlink that leads out', [hardlink('a', '../../etc/passwd')], /hardlink that leads out/],
  ['a hardlink to an absolute name', [hardlink('a', '/etc/passwd')], /hardlink that leads out/],
  ['a hardlink to what comes later', [hardlink('a', 'b'), file('b')], /not listed before it/],
  ['a link to nowhere at all', [symlink('a', '')], /link without a target/],
  ['a zero byte in a link', [symlink('a', 'b\0c')], /zero byte in its target/],
];

describe('what no backup of ours holds is refused, and nothing is written', () => {
  test.each(hostile)('%s', async (_, entries, words) => {
    const part = await crafted(bench.storage, entries);
    const before = readdirSync(bench.folder);
    const problem = { code: 'BACKUP_DAMAGED', message: expect.stringMatching(words) };
    await expect(stage(bench, part)).rejects.toMatchObject(problem);
    await expect(
      verifyMedia({ storage: bench.storage, place, part, signal: never, stallMs: 60_000 }),
    ).rejects.toMatchObject(problem);
    expect(readdirSync(bench.folder)).toEqual(before);
    expect(existsSync('/etc/cron.d/evil')).toBe(false);
  });

  test('more, or larger files, than the backup says', async () => {
    const large = { ...file('a'), size: 10_000_000_000_000 };
    for (const [entries, more] of [
      [[large], { size: 1_000 }],
      [[file('a'), file('b')], { entries: 1 }],
      [[file('a')], { entries: 2 }],
      [[file('a')], { files: 2 }],
      [[file('a')], { size: 1 }],
    ] as const) {
      const part = await crafted(bench.storage, [...entries], more);
      await expect(stage(bench, part)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
      expect(existsSync(stagedAt(bench))).toBe(false);
    }
  });

  test.each([
    ['no JSON', 'evil\n'],
    ['JSON that is no entry', '[]\n'],
    [
      'an unknown kind',
      '{"path":"a","type":"device","mtime":"2020-01-01T00:00:00.000000000Z","mode":"0644"}\n',
    ],
    [
      'a file without a hash',
      '{"path":"a","type":"file","size":0,"mtime":"2020-01-01T00:00:00.000000000Z","mode":"0644"}\n',
    ],
    ['no end', '{"path":"a"'],
    ['a line that never ends', 'x'.repeat(3_000_000)],
  ])('a manifest with %s', async (_, lines) => {
    const part = await craftedLines(bench.storage, lines, { entries: 1 });
    await expect(stage(bench, part)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(existsSync(stagedAt(bench))).toBe(false);
  });

  test('a hardlink to a link or to a folder', async () => {
    for (const target of [symlink('a', '/etc/passwd'), folder('a')]) {
      const part = await crafted(bench.storage, [target, hardlink('b', 'a')]);
      await expect(stage(bench, part)).rejects.toMatchObject({
        code: 'BACKUP_DAMAGED',
        message: expect.stringContaining('“b” is a hardlink to what is no file of the backup'),
      });
      expect(existsSync(stagedAt(bench))).toBe(false);
    }
  });
});

test('links wherever they lead are kept as links, and names that no folder can hold are left out', async () => {
  const part = await crafted(bench.storage, [
    { ...file('../evil'), size: undefined, sha256: undefined, problem: 'has a name that no folder can hold' },
    { ...file('a'), size: undefined, sha256: undefined, problem: 'is a folder, too' },
    folder('a'),
    symlink('a/out', '../../../etc/passwd'),
    symlink('b', '/etc'),
  ]);
  expect(await stage(bench, part)).toMatchObject({ absent: 2, outwardLinks: 2, entries: 5 });
  expect([...treeOn({ ...bench, root: stagedAt(bench) }).keys()]).toEqual(['a', 'a/out', 'b']);
});

test('nothing is written through a link that came into a folder’s place', () => {
  const outside = join(bench.folder, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'kept'), 'mine');
  const tree = new StagedTree(stagedAt(bench), null);
  symlinkSync(outside, join(stagedAt(bench), 'a'));
  symlinkSync(join(outside, 'kept'), join(stagedAt(bench), 'b'));
  const facts = { mode: 0o644, time: { seconds: 0, nanoseconds: 0 } };
  for (const path of ['a/evil', 'b']) {
    expect(() => tree.write({ path, ...facts }, Buffer.from('evil'))).toThrow(/ELOOP|ENOTDIR|EEXIST/);
  }
  expect(() => tree.makeFolder('a/evil')).toThrow();
  expect(() => tree.finishFolder({ path: 'a', ...facts })).toThrow();
  tree.close();
  expect(readdirSync(outside)).toEqual(['kept']);
  expect(readFileSync(join(outside, 'kept'), 'utf8')).toBe('mine');
  expect(lstatSync(join(outside, 'kept')).mode & 0o777).not.toBe(0);
});

test('an index that names more than its pack has, or other sizes, is refused', async () => {
  put(bench, 'a', 'content');
  const copied = await copy(bench);
  const part = partOf(copied);
  const [pack = ''] = part.packs;
  const hash = sha256('content');
  for (const row of [
    { sha256: hash, offset: 512, size: 9_000_000 },
    { sha256: hash, offset: 512, size: 6 },
    { sha256: hash, offset: -1, size: 7 },
    { sha256: 'x', offset: 512, size: 7 },
    { sha256: sha256('other'), offset: 512, size: 7 },
    { sha256: hash, offset: 513, size: 7 },
  ]) {
    await bench.storage.remove(packIndexKey(place, pack));
    const index = Readable.from([gzipSync(`${JSON.stringify(row)}\n`)]);
    await bench.storage.write(packIndexKey(place, pack), index, { signal: never });
    await expect(stage(bench, part)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(existsSync(stagedAt(bench))).toBe(false);
  }
});
