import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { packKey, packListKey } from '#schema/domain';
import { folderSource } from '../../../workflows/engines/media/folder/folderSource.js';
import { copy, entriesOf, listened, place, put, settleMs, sha256, useMediaBench } from './mediaBench.js';
import { MediaHistory, packsOf, settled, treeIn, treeOn } from './mediaHistory.js';
import { content } from './storage.suite.js';

const bench = useMediaBench();

async function firstBackup(): Promise<MediaHistory> {
  put(bench, 'a/one', 'one');
  put(bench, 'a/two', randomBytes(5_000));
  // A time that can be put back exactly.
  utimesSync(join(bench.root, 'a/two'), 1_500_000_000, 1_500_000_000);
  put(bench, 'a-b', 'dash');
  put(bench, 'large', randomBytes(3_000_000));
  put(bench, Buffer.from([0x6e, 0xff]), 'odd');
  linkSync(join(bench.root, 'a/one'), join(bench.root, 'z-one'));
  await settled(bench);
  const history = new MediaHistory(bench);
  await history.backUp();
  return history;
}

describe('a second backup', () => {
  test('of unchanged files reads none of them', async () => {
    const history = await firstBackup();
    const [first] = history.backups;
    const second = await history.backUp({}, true);
    expect(second.packs).toEqual([]);
    expect(second.reusedPacks).toEqual(first && packsOf(first));
    expect(second.manifest.sha256).toBe(first?.manifest.sha256);
    expect(second.scan.sha256).toBe(first?.scan.sha256);
    expect(second.storedSize).toBe(second.manifest.size + second.scan.size);
    expect(await treeIn(bench, second)).toEqual(treeOn(bench));
    await history.requireExplained();
  });

  test('stores nothing for what was renamed, copied, moved or has another mode', async () => {
    const history = await firstBackup();
    renameSync(join(bench.root, 'large'), join(bench.root, 'renamed'));
    copyFileSync(join(bench.root, 'a/two'), join(bench.root, 'copied'));
    renameSync(join(bench.root, 'a'), join(bench.root, 'b'));
    chmodSync(join(bench.root, 'a-b'), 0o600);
    const second = await history.backUp();
    expect(second.packs).toEqual([]);
    expect(await treeIn(bench, second)).toEqual(treeOn(bench));
    await history.requireExplained();
  });

  test('reads what was edited in place, though size and time were put back', async () => {
    const history = await firstBackup();
    const [first] = history.backups;
    const path = join(bench.root, 'a/two');
    const { atime, mtime } = statSync(path);
    writeFileSync(path, randomBytes(5_000));
    utimesSync(path, atime, mtime);
    await settled(bench);
    const second = await history.backUp({}, true);
    expect(second.packs).toMatchObject([{ objects: 1 }]);
    expect(second.reusedPacks).toEqual(first && packsOf(first));
    expect(await treeIn(bench, second)).toEqual(treeOn(bench));
    await history.requireExplained();
  });

  test('reads again what had changed a moment before it was read', async () => {
    put(bench, 'young', 'young');
    const history = new MediaHistory(bench);
    await history.backUp();
    expect((await history.backUp({}, true)).packs).toHaveLength(1);
    await settled(bench);
    // Only what was seen at rest is known.
    expect((await history.backUp({}, true)).packs).toHaveLength(1);
    expect((await history.backUp({}, true)).packs).toHaveLength(0);
  });
});

describe('what only reading everything can see', () => {
  test('is seen once that is due', async () => {
    const history = await firstBackup();
    const [first] = history.backups;
    if (!first) throw new Error('no backup');
    put(bench, 'a/one', 'ONE');
    await settled(bench);
    const { ctimeNs, mtimeNs, ino } = statSync(join(bench.root, 'a/one'), { bigint: true });
    // As if the file looked as it does now when it was something else.
    const lines = gunzipSync(await content(bench.storage, first.scan.key))
      .toString()
      .split('\n');
    const doctored = lines.map((line) => {
      if (!line.startsWith('["a/one"')) return line;
      const told = JSON.parse(line) as unknown[];
      return JSON.stringify(['a/one', 3, `${mtimeNs}`, `${ctimeNs}.${ino}`, ...told.slice(4)]);
    });
    const bytes = Buffer.from(doctored.join('\n'));
    await bench.storage.remove(first.scan.key);
    await bench.storage.seal(first.scan.key, gzipSync(bytes));
    const previous = { key: first.scan.key, sha256: sha256(bytes), bytes: first.size, packs: packsOf(first) };
    const hashOf = async (copied: typeof first) =>
      (await entriesOf(bench, copied)).find(({ path }) => path === 'a/one')?.sha256;
    const blind = await history.backUp({ previous });
    expect(await hashOf(blind)).toBe(sha256('one'));
    const seeing = await history.backUp({ previous, readSinceMs: Date.now() });
    expect(await hashOf(seeing)).toBe(sha256('ONE'));
    expect(seeing.packs).toMatchObject([{ objects: 1 }]);
    // From then on the time counts anew.
    expect((await history.backUp({ readSinceMs: seeing.takenAt.getTime() - 1 }, true)).packs).toEqual([]);
    expect(await treeIn(bench, seeing)).toEqual(treeOn(bench));
  });
});

describe('a list that cannot be relied on', () => {
  const cases: Array<
    [string, (history: MediaHistory, key: string) => Promise<Partial<Parameters<typeof copy>[1]>>]
  > = [
    ['is gone', async (_, key) => (await bench.storage.remove(key), {})],
    ['was cut off', (history, key) => rewrite(history, key, (stored) => stored.subarray(0, -200))],
    [
      'was changed',
      (history, key) =>
        rewrite(history, key, (stored) =>
          gzipSync(
            gunzipSync(stored)
              .toString()
              .replace(/[0-9a-f]{64}/, sha256('else')),
          ),
        ),
    ],
    ['is none', (history, key) => rewrite(history, key, () => gzipSync('{"format":"other"}\n'))],
    [
      'is of another folder',
      async () => ({ source: { ...folderSource(bench.root, settleMs), id: 'folder /elsewhere' } }),
    ],
    ['has a pack that is gone', async (history) => ({ previous: { ...required(history), packs: [] } })],
  ];

  test.each(cases)('%s: everything is read anew', async (_, spoil) => {
    const history = await firstBackup();
    const more = await spoil(history, required(history).key);
    const second = await history.backUp(more, true);
    expect(second.reusedPacks).toEqual([]);
    expect(second.packs.reduce((sum, { objects }) => sum + objects, 0)).toBe(5);
    expect(await treeIn(bench, second)).toEqual(treeOn(bench));
    expect(second).toMatchObject({ files: 5, warnings: [] });
  });

  async function rewrite(_: MediaHistory, key: string, change: (stored: Buffer) => Buffer): Promise<object> {
    const changed = change(await content(bench.storage, key));
    await bench.storage.remove(key);
    await bench.storage.seal(key, changed);
    return {};
  }

  function required(history: MediaHistory) {
    const previous = history.previous();
    if (!previous) throw new Error('no backup');
    return previous;
  }
});

describe('a copy that is cut off', () => {
  const cutOff = async (history: MediaHistory, afterPacks: number) => {
    const failure = new Error('cut off');
    let begun = 0;
    const onPack = async () => {
      if ((begun += 1) > afterPacks) throw failure;
    };
    await expect(history.backUp({ packBytes: 1_000_000, onPack, mark: 'run-1' }, true)).rejects.toBe(failure);
  };

  test('goes on after its last whole pack', async () => {
    for (let i = 10; i < 40; i += 1) put(bench, `f${i}`, randomBytes(100_000));
    await settled(bench);
    const history = new MediaHistory(bench);
    await cutOff(history, 2);
    expect(history.own.every(({ listSha256 }) => listSha256 !== null)).toBe(true);
    const own = history.own.map(({ id }) => id);
    expect(own).toHaveLength(2);
    const whole = await history.backUp({ packBytes: 1_000_000, mark: 'run-2' }, true);
    expect(whole.reusedPacks).toEqual(own);
    expect(whole.packs.reduce((sum, { objects }) => sum + objects, 0)).toBeLessThan(15);
    expect(await treeIn(bench, whole)).toEqual(treeOn(bench));
    await history.requireExplained();
    const stored = await Promise.all(
      packsOf(whole).map(async (id) => (await bench.storage.stat(packKey(place, id)))?.size ?? 0),
    );
    expect(whole.storedSize).toBeGreaterThan(stored.reduce((sum, size) => sum + size, 0));
  });

  test('and again, and changed meanwhile: the tree is what it is at last', async () => {
    for (let i = 10; i < 40; i += 1) put(bench, `f${i}`, randomBytes(100_000));
    await settled(bench);
    const history = new MediaHistory(bench);
    await cutOff(history, 1);
    put(bench, 'f05', randomBytes(50_000));
    put(bench, 'f12', randomBytes(50_000));
    rmSync(join(bench.root, 'f13'));
    await cutOff(history, 1);
    const whole = await history.backUp({ packBytes: 1_000_000, mark: 'run-3' });
    expect(await treeIn(bench, whole)).toEqual(treeOn(bench));
    expect(whole.reusedPacks.length).toBeGreaterThanOrEqual(2);
  });

  test('reads everything anew where the list of a pack is damaged', async () => {
    for (let i = 10; i < 40; i += 1) put(bench, `f${i}`, randomBytes(100_000));
    await settled(bench);
    const history = new MediaHistory(bench);
    await cutOff(history, 2);
    await bench.storage.remove(packListKey(place, history.own[1]?.id ?? ''));
    const whole = await history.backUp({ mark: 'run-2' }, true);
    expect(whole.reusedPacks).toEqual([]);
    expect(await treeIn(bench, whole)).toEqual(treeOn(bench));
  });
});

test('storage that cannot be asked for the list is a failure, not a list that is gone', async () => {
  const history = await firstBackup();
  const failure = new Error('away');
  const away = listened(bench.storage, () => undefined);
  away.read = () => Promise.reject(failure);
  await expect(history.backUp({ storage: away })).rejects.toBe(failure);
});
