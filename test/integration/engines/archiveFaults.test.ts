import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { packIndexKey, packKey } from '#schema/domain';
import type { Storage } from '../../../workflows/engines/storage/storage.js';
import { until } from '../../support/until.js';
import { archive, archiveAt } from './archiveBench.js';
import { copy, place, put, sha256, useMediaBench } from './mediaBench.js';
import { crafted, partOf } from './restore/mediaRestoreBench.js';
import { keysOf } from './storage.suite.js';

const bench = useMediaBench();
const stored = (key: string) => join(bench.folder, 'storage', key);
const archives = () => keysOf(bench.storage, 'v1/p/e/downloads/');
/** So that the large file is streamed by itself. */
const limits = { files: 10, batchBytes: 1_000_000, batchEntries: 7 };

/** A backup of small and large files in several packs. */
async function backUp() {
  for (let i = 0; i < 40; i += 1) put(bench, `small/${i}`, randomBytes(5_000));
  put(bench, 'large', randomBytes(2_500_000));
  return partOf(await copy(bench, { packBytes: 1_000_000 }));
}

/** Where the system does not tell, none. */
const openFiles = async () => (await readdir('/proc/self/fd').catch(() => [])).length;

function flip(path: string, index: number): void {
  const bytes = readFileSync(path);
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** The pack that holds something. */
function packWith(packs: string[], bytes: Buffer): string {
  const found = packs
    .map((pack) => stored(packKey(place, pack)))
    .find((path) => readFileSync(path).includes(bytes));
  return found ?? expect.fail('no pack holds it');
}

test('what is damaged, cut off or gone is named, and nothing of the archive stays, nor any descriptor', async () => {
  const part = await backUp();
  const small = readFileSync(join(bench.root, 'small/17'));
  const ofLarge = packWith(part.packs, readFileSync(join(bench.root, 'large')));
  const ofSmall = packWith(part.packs, small);
  const at = readFileSync(ofSmall).indexOf(small);
  const [first = ''] = part.packs;
  const open = await openFiles();
  const index = stored(packIndexKey(place, first));
  const damages: Array<[path: string, damage: (path: string) => void, words: RegExp]> = [
    [ofSmall, (path) => flip(path, at + 4_999), /content of “small\/17” is not what was written/],
    [ofLarge, (path) => flip(path, 1_500_000), /content of “large” is not what was written/],
    [ofLarge, (path) => truncateSync(path, 1_500_000), /is shorter than its index says/],
    [ofLarge, (path) => rmSync(path), /Pack .* is no longer in the backup storage/],
    [index, (path) => rmSync(path), /index of pack .* no longer in/],
    [index, (path) => truncateSync(path, 20), /index of pack .* (cannot|ends)/],
    [stored(part.key), (path) => rmSync(path), /manifest of the media is no longer/],
    [stored(part.key), (path) => truncateSync(path, 100), /manifest of the media (cannot|ends|is not)/],
  ];
  for (const [path, damage, words] of damages) {
    const bytes = readFileSync(path);
    damage(path);
    const problem = { code: 'BACKUP_DAMAGED', message: expect.stringMatching(words) };
    await expect(archive(bench, part, { limits })).rejects.toMatchObject(problem);
    expect(await archives()).toEqual([]);
    writeFileSync(path, bytes);
  }
  await archive(bench, part, { limits });
  expect(await archives()).toEqual([archiveAt]);
  await until('all files are closed', 30_000, async () => (await openFiles()) <= open);
});

test('a pack that is cut off while it is read', async () => {
  const part = await backUp();
  const storage = Object.create(bench.storage) as Storage;
  storage.read = (key, range) =>
    bench.storage.read(key, range && { ...range, length: Math.floor(range.length / 2) });
  await expect(archive(bench, part, { storage, limits })).rejects.toMatchObject({
    code: 'BACKUP_DAMAGED',
    message: expect.stringMatching(/is cut off in the backup storage/),
  });
});

test('a file that no pack holds, of another size, or that is no empty one', async () => {
  put(bench, 'there', 'four');
  const { packs } = partOf(await copy(bench));
  const file = { type: 'file', path: 'f' } as const;
  const refused = async (size: number, hash: string, words: RegExp) => {
    const part = await crafted(bench.storage, [{ ...file, size, sha256: hash }], { packs });
    await expect(archive(bench, part)).rejects.toMatchObject({
      code: 'BACKUP_DAMAGED',
      message: expect.stringMatching(words),
    });
    await bench.storage.remove(part.key);
  };
  await refused(4, sha256('gone'), /“f” is in none of the backup’s packs/);
  await refused(5, sha256('four'), /“f” is not as large/);
  await refused(0, sha256('four'), /“f” is not as large/);
});

test('names that lead out are refused before anything is written', async () => {
  for (const path of ['../out', '/etc/x', 'a/../b']) {
    const part = await crafted(bench.storage, [{ type: 'symlink', path, target: 'x' }]);
    await expect(archive(bench, part)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(await archives()).toEqual([]);
    await bench.storage.remove(part.key);
  }
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
  await archive(bench, part, { storage: counting, limits });
  await bench.storage.remove(archiveAt);
  expect(inAll).toBeGreaterThan(6);
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
    await expect(archive(bench, part, { storage, limits, signal: controller.signal })).rejects.toBe(reason);
    expect(await archives()).toEqual([]);
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
  await expect(archive(bench, part, { storage, stallMs: 300 })).rejects.toMatchObject({ code: 'STALLED' });
}, 30_000);

test('memory stays small however large the archive is', async () => {
  for (let i = 0; i < 60; i += 1) put(bench, `large/${i}`, randomBytes(4_000_000));
  const part = partOf(await copy(bench));
  global.gc?.();
  const { rss } = process.memoryUsage();
  let most = rss;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
  const { size } = await archive(bench, part);
  clearInterval(timer);
  expect(size).toBeGreaterThan(240_000_000);
  expect(most - rss).toBeLessThan(130_000_000);
});
