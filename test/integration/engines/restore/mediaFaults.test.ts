import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { packIndexKey, packKey } from '#schema/domain';
import { removeTree } from '../../../../workflows/engines/media/restore/removeTree.js';
import { verifyMedia } from '../../../../workflows/engines/media/restore/verifyMedia.js';
import type { Storage } from '../../../../workflows/engines/storage/storage.js';
import { until } from '../../../support/until.js';
import { copy, place, put, useMediaBench } from '../mediaBench.js';
import { treeOn } from '../mediaHistory.js';
import { mountSmallDisk } from '../smallDisk.js';
import { partOf, stage, stagedAt } from './mediaRestoreBench.js';

const bench = useMediaBench();
const never = new AbortController().signal;

const stored = (key: string) => join(bench.folder, 'storage', key);
const verify = (part: ReturnType<typeof partOf>) =>
  verifyMedia({ storage: bench.storage, place, part, signal: never, stallMs: 60_000 });

/** A backup of small and large files in several packs. */
async function backUp() {
  for (let i = 0; i < 40; i += 1) put(bench, `small/${i}`, randomBytes(5_000));
  put(bench, 'large', randomBytes(2_500_000));
  return partOf(await copy(bench, { packBytes: 1_000_000 }));
}

/** Where the system does not tell, none. */
const openFiles = async () => (await readdir('/proc/self/fd').catch(() => [])).length;

function flip(path: string, at: (size: number) => number): void {
  const bytes = readFileSync(path);
  const index = Math.floor(at(bytes.length));
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test('a backup that is whole is found to be', async () => {
  const part = await backUp();
  expect(await verify(part)).toMatchObject({ files: 41, entries: 42, bytes: part.size });
});

test('what is damaged, cut off or gone is named, and nothing of it stays', async () => {
  const part = await backUp();
  const before = treeOn(bench);
  const packs = part.packs.map((pack) => packKey(place, pack));
  const largest = packs.map(stored).sort((a, b) => readFileSync(b).length - readFileSync(a).length)[0] ?? '';
  const [first = ''] = part.packs;
  const damages: Array<[path: string, damage: (path: string) => void, words: RegExp, isSeenBefore: boolean]> =
    [
      [
        largest,
        (path) => flip(path, (size) => size / 2),
        /content of “large” is not what was written/,
        false,
      ],
      [largest, (path) => truncateSync(path, 1_500_000), /is shorter than its index says|cut off/, false],
      [largest, (path) => truncateSync(path, 1_000), /is shorter than its index says|cut off/, true],
      [largest, (path) => rmSync(path), /no longer in the backup storage/, true],
      [stored(packIndexKey(place, first)), (path) => rmSync(path), /index of pack .* no longer in/, true],
      [
        stored(packIndexKey(place, first)),
        (path) => truncateSync(path, 20),
        /index of pack .* (cannot|ends)/,
        false,
      ],
      [stored(part.key), (path) => rmSync(path), /manifest of the media is no longer/, true],
      [
        stored(part.key),
        (path) => truncateSync(path, 100),
        /manifest of the media (cannot|ends|is not)/,
        true,
      ],
      [stored(part.key), (path) => flip(path, (size) => size / 2), /manifest of the media/, true],
    ];
  for (const [path, damage, words, isSeenBefore] of damages) {
    const bytes = readFileSync(path);
    damage(path);
    const problem = { code: 'BACKUP_DAMAGED', message: expect.stringMatching(words) };
    await expect(stage(bench, part)).rejects.toMatchObject(problem);
    if (isSeenBefore) await expect(verify(part)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(existsSync(stagedAt(bench))).toBe(false);
    expect(treeOn(bench)).toEqual(before);
    writeFileSync(path, bytes);
  }
  await stage(bench, part);
});

test('what is aborted leaves nothing, and no descriptor', async () => {
  const part = await backUp();
  const before = await openFiles();
  let inAll = 0;
  const counting = Object.create(bench.storage) as Storage;
  counting.read = (key, range) => {
    inAll += 1;
    return bench.storage.read(key, range);
  };
  await stage(bench, part, { storage: counting });
  await removeTree(stagedAt(bench), new AbortController().signal);
  expect(inAll).toBeGreaterThan(3);
  for (let afterReads = 0; afterReads < inAll; afterReads += 1) {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    let reads = 0;
    const storage = Object.create(bench.storage) as Storage;
    storage.read = async (key, range) => {
      if (reads === afterReads) controller.abort(reason);
      reads += 1;
      await delay(5);
      return bench.storage.read(key, range);
    };
    await expect(stage(bench, part, { storage, signal: controller.signal })).rejects.toBe(reason);
    expect(readdirSync(bench.folder).sort()).toEqual(['media', 'storage']);
  }
  await until('all files are closed', 30_000, async () => (await openFiles()) <= before);
});

test('storage that gives nothing for too long', async () => {
  const part = await backUp();
  const storage = Object.create(bench.storage) as Storage;
  storage.read = async (key, range) => {
    if (key.endsWith('.tar')) await new Promise(() => undefined);
    return bench.storage.read(key, range);
  };
  await expect(stage(bench, part, { storage, stallMs: 300 })).rejects.toMatchObject({ code: 'STALLED' });
}, 30_000);

test('a folder that is there already is not touched', async () => {
  const part = await backUp();
  mkdirSync(stagedAt(bench));
  writeFileSync(join(stagedAt(bench), 'mine'), 'mine');
  await expect(stage(bench, part)).rejects.toMatchObject({ code: 'MEDIA_RESTORE_FAILED' });
  expect(readdirSync(stagedAt(bench))).toEqual(['mine']);
});

test('a disk that is full says so, and is as empty as before', async () => {
  const disk = mountSmallDisk(2);
  if (!disk) return;
  try {
    const part = await backUp();
    const target = { in: 'folder', directory: join(disk.path, 'staged'), owner: null, mode: 0o755 } as const;
    await expect(stage(bench, part, { target })).rejects.toMatchObject({
      code: 'DESTINATION_FULL',
      message: expect.stringMatching(/disk of the media folder is full: .* are free/),
    });
    expect(readdirSync(disk.path)).toEqual([]);
  } finally {
    disk.release();
  }
});

test('removing follows no link, and is done where nothing is', async () => {
  const outside = join(bench.folder, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'kept'), 'mine');
  for (let i = 0; i < 300; i += 1) put(bench, `a/${i}/b/c`, 'x');
  put(bench, Buffer.from([0xff, 0x2f, 0xfe]), 'x');
  mkdirSync(join(bench.root, 'locked/in'), { recursive: true, mode: 0o000 });
  symlinkSync(outside, join(bench.root, 'a/link'));
  symlinkSync(outside, join(bench.folder, 'link'));
  await removeTree(bench.root, never);
  await removeTree(bench.root, never);
  await removeTree(join(bench.folder, 'link'), never);
  expect(readdirSync(bench.folder).sort()).toEqual(['outside', 'storage']);
  expect(readdirSync(outside)).toEqual(['kept']);
});

test('removing can be aborted, and gone on with', async () => {
  for (let i = 0; i < 3_000; i += 1) put(bench, `a${i % 10}/${i}`, 'x');
  const controller = new AbortController();
  const removed = removeTree(bench.root, controller.signal);
  controller.abort(new Error('enough'));
  await removed.catch((error: Error) => expect(error.message).toBe('enough'));
  await removeTree(bench.root, never);
  expect(existsSync(bench.root)).toBe(false);
});
