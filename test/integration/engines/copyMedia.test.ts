import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, lutimesSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packIndexKey, packKey, packListKey } from '#schema/domain';
import { folderSource } from '../../../workflows/engines/media/folder/folderSource.js';
import type { FinishedPack } from '../../../workflows/engines/media/packWriter.js';
import type { Storage } from '../../../workflows/engines/storage/storage.js';
import {
  contentsOf,
  copy,
  entriesOf,
  listened,
  place,
  put,
  settleMs,
  sha256,
  useMediaBench,
} from './mediaBench.js';
import { keysOf } from './storage.suite.js';

const bench = useMediaBench();

describe('a copy of a media folder', () => {
  test('holds every kind of entry, in the byte order of paths', async () => {
    put(bench, 'a/b/deep.txt', 'hello');
    put(bench, 'a-b', 'hello');
    put(bench, 'a/0', 'zero');
    put(bench, 'a.b');
    put(bench, 'a0');
    put(bench, 'empty', '');
    put(bench, Buffer.from([0x6e, 0xff, 0xfe, 0x2f, 0x80]), 'odd bytes');
    put(bench, 'Ünïcødé/表.txt', 'unicode');
    put(bench, 'line\nfeed "quoted"', 'names');
    put(bench, `${'long/'.repeat(60)}${'n'.repeat(200)}`, 'long');
    mkdirSync(join(bench.root, 'nothing'));
    symlinkSync('a/0', join(bench.root, 'link'));
    symlinkSync('/nowhere/at/all', join(bench.root, 'dangling'));
    symlinkSync(Buffer.from([0xff]) as unknown as string, join(bench.root, 'oddlink'));
    linkSync(join(bench.root, 'a/0'), join(bench.root, 'z-second-name'));
    chmodSync(join(bench.root, 'a0'), 0o640);
    utimesSync(join(bench.root, 'a0'), 1_000, 1_700_000_000);
    lutimesSync(join(bench.root, 'link'), 5, 5);
    const copied = await copy(bench);
    const entries = await entriesOf(bench, copied);
    const by = new Map(entries.map((entry) => [entry.path ?? entry.pathBase64, entry]));
    expect(entries.slice(0, 7).map(({ path }) => path)).toEqual([
      'a',
      'a-b',
      'a.b',
      'a/0',
      'a/b',
      'a/b/deep.txt',
      'a0',
    ]);
    expect(by.get('a0')).toEqual({
      path: 'a0',
      type: 'file',
      size: 1,
      mtime: '2023-11-14T22:13:20.000000000Z',
      mode: '0640',
      sha256: sha256('x'),
    });
    expect(by.get('a')).toMatchObject({ type: 'directory', mode: '0755' });
    expect(by.get('nothing')).toMatchObject({ type: 'directory' });
    expect(by.get('link')).toMatchObject({
      type: 'symlink',
      target: 'a/0',
      mtime: '1970-01-01T00:00:05.000000000Z',
    });
    expect(by.get('dangling')).toMatchObject({ type: 'symlink', target: '/nowhere/at/all' });
    expect(by.get('oddlink')).toMatchObject({ type: 'symlink', targetBase64: '/w==' });
    expect(by.get('z-second-name')).toMatchObject({ type: 'hardlink', target: 'a/0' });
    expect(by.get('empty')).toMatchObject({ type: 'file', size: 0 });
    expect(entries.filter(({ pathBase64 }) => pathBase64 !== undefined)).toHaveLength(2);
    expect(copied.warnings).toEqual([]);
    const contents = await contentsOf(bench, copied);
    const files = entries.filter(({ type }) => type === 'file');
    expect(files).toHaveLength(copied.files);
    expect(files.reduce((sum, { size = 0 }) => sum + size, 0)).toBe(copied.size);
    for (const { sha256 = '' } of files) expect(contents.has(sha256)).toBe(true);
    expect([...contents.values()].map(String)).toContain('odd bytes');
    expect(copied.packs[0]?.objects).toBe(new Set(files.map(({ sha256 }) => sha256)).size);
    const [pack] = copied.packs;
    const listed = execFileSync('tar', [
      '--list',
      '--quoting-style=literal',
      '-f',
      join(bench.folder, 'storage', packKey(place, pack?.id ?? '')),
    ]).toString();
    for (const name of [
      'media/a-b',
      'media/Ünïcødé/表.txt',
      'media/line\nfeed "quoted"',
      `media/${'long/'.repeat(60)}${'n'.repeat(200)}`,
    ])
      expect(listed).toContain(`${name}\n`);
    execFileSync('tar', [
      '--extract',
      '-f',
      join(bench.folder, 'storage', packKey(place, pack?.id ?? '')),
      '-C',
      bench.folder,
      'media/Ünïcødé/表.txt',
    ]);
    expect(copied.storedSize).toBe(await storedBytes());
  });

  test('is bounded in its packs, and a larger file has one to itself', async () => {
    const big = randomBytes(2_500_000);
    put(bench, 'b-big', big);
    for (let i = 0; i < 12; i += 1) put(bench, `a/${i}`, randomBytes(200_000));
    put(bench, 'c', randomBytes(1_500_000));
    const begun: string[] = [];
    const copied = await copy(bench, { packBytes: 1_000_000, onPack: async (id) => void begun.push(id) });
    expect(copied.packs.map(({ id }) => id)).toEqual(begun);
    expect(copied.packs.filter(({ size }) => size > 1_000_000).map(({ objects }) => objects)).toEqual([1, 1]);
    expect(copied.packs.length).toBeGreaterThanOrEqual(5);
    const contents = await contentsOf(bench, copied);
    expect(contents.size).toBe(14);
    expect(contents.get(sha256(big))?.equals(big)).toBe(true);
  });

  test('stores nothing again that is known already', async () => {
    const [small, large, fresh] = [randomBytes(1_000), randomBytes(1_200_000), randomBytes(500)];
    put(bench, 'small', small);
    put(bench, 'small-again', small);
    put(bench, 'large', large);
    put(bench, 'fresh', fresh);
    const known = new Map([small, large].map((bytes) => [sha256(bytes), 'earlier']));
    const copied = await copy(bench, {
      knownHashes: async (asked) =>
        new Map(asked.flatMap((one) => (known.has(one) ? [[one, 'earlier'] as const] : []))),
    });
    expect(copied.reusedPacks).toEqual(['earlier']);
    expect([...(await contentsOf(bench, copied)).keys()]).toEqual([sha256(fresh)]);
    expect(copied.size).toBe(2_000 + 1_200_000 + 500);
    expect((await entriesOf(bench, copied)).map(({ sha256 }) => sha256)).toEqual([
      sha256(fresh),
      sha256(large),
      sha256(small),
      sha256(small),
    ]);
  });

  test('of an empty folder has no pack, and says so: a disk may not be mounted', async () => {
    expect(await copy(bench)).toMatchObject({
      packs: [],
      files: 0,
      entries: 0,
      size: 0,
      warnings: [{ code: 'MEDIA_EMPTY' }],
    });
  });

  test('reads a folder that is reached by a link', async () => {
    put(bench, 'file');
    symlinkSync(bench.root, join(bench.folder, 'link'));
    expect(await copy(bench, { source: folderSource(join(bench.folder, 'link'), settleMs) })).toMatchObject({
      files: 1,
    });
  });

  test('lists what a backup cannot hold', async () => {
    execFileSync('mkfifo', [join(bench.root, 'pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(bench.root, 'socket'), resolve));
    put(bench, 'file');
    const copied = await copy(bench);
    server.close();
    expect(copied.warnings).toEqual([
      { code: 'MEDIA_FILE_SPECIAL', message: expect.stringMatching(/: 2 \(“pipe”, “socket”\)/) },
    ]);
    const entries = await entriesOf(bench, copied);
    expect(entries.map(({ path, problem }) => [path, problem?.slice(0, 8)])).toEqual([
      ['file', undefined],
      ['pipe', 'a named '],
      ['socket', 'a socket'],
    ]);
    expect(copied.files).toBe(1);
  });

  test('tells of its progress from the first moment, in bytes of the source', async () => {
    for (let i = 0; i < 40; i += 1) put(bench, `f${i}`, randomBytes(100_000));
    const seen: Array<{ doneBytes: number; totalBytes: number | null }> = [];
    await copy(bench, { onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toEqual({ doneBytes: 0, totalBytes: null });
    expect(seen.at(-1)).toEqual({ doneBytes: 4_000_000, totalBytes: 4_000_000 });
  });
});

describe('a copy that cannot be made leaves nothing', () => {
  test('where the folder is missing or is none', async () => {
    writeFileSync(join(bench.folder, 'file'), 'x');
    await expect(
      copy(bench, { source: folderSource(join(bench.folder, 'missing'), settleMs) }),
    ).rejects.toMatchObject({
      code: 'MEDIA_NOT_FOUND',
      message: expect.stringContaining('missing'),
    });
    await expect(
      copy(bench, { source: folderSource(join(bench.folder, 'file'), settleMs) }),
    ).rejects.toMatchObject({
      code: 'MEDIA_NOT_FOUND',
    });
    expect(await keysOf(bench.storage, '')).toEqual([]);
  });

  test.each(['.tar', '.idx.jsonl.gz', 'packs/.*.scan.jsonl.gz', 'manifest.jsonl.gz', 'r.*/scan.jsonl.gz'])(
    'but for whole packs, where storage fails with the %s',
    async (suffix) => {
      for (let i = 0; i < 30; i += 1) put(bench, `f${i}`, randomBytes(100_000));
      const failure = new Error('storage broke');
      const failing = listened(bench.storage, (key, total) => {
        if (new RegExp(`${suffix}$`).test(key) && (total > 1_000_000 || suffix !== '.tar')) throw failure;
      });
      const whole: string[] = [];
      const onPackDone = async ({ id, listSha256 }: FinishedPack) => {
        whole.push(packKey(place, id), packIndexKey(place, id));
        if (listSha256 !== null) whole.push(packListKey(place, id));
      };
      await expect(copy(bench, { storage: failing, packBytes: 2_000_000, onPackDone })).rejects.toBe(failure);
      expect(await keysOf(bench.storage, '')).toEqual(whole.sort());
      expect(whole.length > 0).toBe(/manifest|^r/.test(suffix));
    },
  );

  test('where the catalogue does not take the pack', async () => {
    put(bench, 'a');
    const failure = new Error('no catalogue');
    await expect(copy(bench, { onPack: () => Promise.reject(failure) })).rejects.toBe(failure);
    expect(await keysOf(bench.storage, '')).toEqual([]);
  });

  test('when it is cancelled', async () => {
    for (let i = 0; i < 200; i += 1) put(bench, `f${i}`, randomBytes(20_000));
    for (const afterMs of [0, 1, 5, 20]) {
      const controller = new AbortController();
      const reason = new Error('cancelled');
      setTimeout(() => controller.abort(reason), afterMs);
      const slow = Object.create(bench.storage) as Storage;
      slow.write = async (key, source, options) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return bench.storage.write(key, source, options);
      };
      await expect(copy(bench, { signal: controller.signal, storage: slow })).rejects.toBe(reason);
      expect(await keysOf(bench.storage, '')).toEqual([]);
    }
  });

  test('when storage takes nothing for too long', async () => {
    put(bench, 'a', randomBytes(5_000_000));
    const stuck = Object.create(bench.storage) as Storage;
    stuck.write = (key, source, options) =>
      key.endsWith('.tar')
        ? new Promise((_, reject) =>
            options.signal.addEventListener(
              'abort',
              () => (source.destroy(), reject(options.signal.reason as Error)),
            ),
          )
        : bench.storage.write(key, source, options);
    await expect(copy(bench, { storage: stuck, stallMs: 300 })).rejects.toMatchObject({ code: 'STALLED' });
    expect(await keysOf(bench.storage, '')).toEqual([]);
  });
});

async function storedBytes(): Promise<number> {
  let sum = 0;
  for await (const { size } of bench.storage.list('')) sum += size;
  return sum;
}
