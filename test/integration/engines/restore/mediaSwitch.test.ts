import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FolderSwitch } from '../../../../workflows/engines/media/restore/folderSwitch.js';
import {
  folderIno,
  oldPlaceOf,
  stagedPlaceOf,
} from '../../../../workflows/engines/media/restore/restorePlaces.js';
import {
  switchBackFolders,
  switchFolders,
} from '../../../../workflows/engines/media/restore/switchFolders.js';
import { pathsBelow } from '../mediaHistory.js';

const restoreId = '0f0e0d0c-0000-4000-8000-000000000000';
const modes = [
  ['by renaming', false, false],
  ['by moving entries, staged beside', true, false],
  ['by moving entries, staged within', true, true],
] as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-switch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const oldTree = { 'a/1': 'old', 'a/same': 'old', b: 'old', same: 'old', '.hidden': 'old', turns: 'old' };
const newTree = { 'a/2': 'new', 'a/same': 'new', c: 'new', same: 'new', 'turns/into/folder': 'new' };

function fill(root: string, tree: Record<string, string>): void {
  mkdirSync(root, { recursive: true });
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** The files below a folder, without what is Holdfast’s own there; null where it is missing. */
function filesIn(root: string): Record<string, string> | null {
  if (folderIno(root) === null) return null;
  return Object.fromEntries(
    pathsBelow(root)
      .filter((path) => !path.startsWith('.holdfast-') && statSync(join(root, path)).isFile())
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  );
}

/** A fresh live folder with another one staged for it. */
function ready(keepFolder: boolean, isInside: boolean, hasLive = true): FolderSwitch {
  const live = join(folder, 'media');
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  if (hasLive) fill(live, oldTree);
  const staged = stagedPlaceOf(live, restoreId, 'run-1', isInside);
  fill(staged, newTree);
  const old = oldPlaceOf(live, restoreId, isInside);
  return { live, staged, old, liveIno: folderIno(live), stagedIno: folderIno(staged) ?? '', keepFolder };
}

class Cut extends Error {}

/** The same, but cut off before its n-th change; `deeds` are those that were done. */
function cutAt(order: FolderSwitch, cut: number, deeds: string[] = []): FolderSwitch {
  return {
    ...order,
    onDeed: (deed) => {
      if (deeds.length === cut) throw new Cut();
      deeds.push(deed);
    },
  };
}

async function untilCut(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof Cut)) throw error;
  });
}

async function countDeeds(order: FolderSwitch): Promise<number> {
  const deeds: string[] = [];
  await switchFolders(cutAt(order, Number.POSITIVE_INFINITY, deeds));
  return deeds.length;
}

describe.each(modes)('a switch %s', (_, keepFolder, isInside) => {
  test('puts the new in the place of the old, once, and back', async () => {
    const order = ready(keepFolder, isInside);
    expect(await switchBackFolders(order)).toBe('already');
    expect(await switchFolders(order)).toBe('switched');
    expect(filesIn(order.live)).toEqual(newTree);
    expect(filesIn(order.old)).toEqual(oldTree);
    expect(folderIno(order.staged)).toBe(null);
    expect(folderIno(order.live)).toBe(keepFolder ? order.liveIno : order.stagedIno);
    expect(await switchFolders(order)).toBe('already');
    expect(await switchBackFolders(order)).toBe('switched');
    expect(filesIn(order.live)).toEqual(oldTree);
    expect(filesIn(order.staged)).toEqual(newTree);
    expect(folderIno(order.live)).toBe(order.liveIno);
    expect(await switchBackFolders(order)).toBe('already');
    expect(await switchFolders(order)).toBe('switched');
    expect(filesIn(order.live)).toEqual(newTree);
  });

  test('converges from wherever it was cut off, forwards and backwards', async () => {
    const count = await countDeeds(ready(keepFolder, isInside));
    expect(count).toBeGreaterThan(3);
    for (let cut = 0; cut <= count; cut += 1) {
      const onwards = ready(keepFolder, isInside);
      await untilCut(switchFolders(cutAt(onwards, cut)));
      await switchFolders(onwards);
      expect(filesIn(onwards.live)).toEqual(newTree);
      expect(filesIn(onwards.old)).toEqual(oldTree);

      const back = ready(keepFolder, isInside);
      await untilCut(switchFolders(cutAt(back, cut)));
      await switchBackFolders(back);
      expect(filesIn(back.live)).toEqual(oldTree);
      expect(filesIn(back.staged)).toEqual(newTree);
    }
  });

  test('converges when the way back is cut off as well', { timeout: 240_000 }, async () => {
    const count = await countDeeds(ready(keepFolder, isInside));
    for (let first = 0; first <= count; first += 1) {
      for (let second = first % 3; second <= count; second += 3) {
        const order = ready(keepFolder, isInside);
        await untilCut(switchFolders(cutAt(order, first)));
        await untilCut(switchBackFolders(cutAt(order, second)));
        const isForwards = second % 2 === 0;
        await (isForwards ? switchFolders(order) : switchBackFolders(order));
        expect(filesIn(order.live)).toEqual(isForwards ? newTree : oldTree);
        expect(filesIn(isForwards ? order.old : order.staged)).toEqual(isForwards ? oldTree : newTree);
      }
    }
  });

  test('is undone by another switch, which keeps what it replaced', async () => {
    const first = ready(keepFolder, isInside);
    await switchFolders(first);
    const undo: FolderSwitch = {
      ...first,
      staged: first.old,
      stagedIno: folderIno(first.old),
      liveIno: folderIno(first.live),
      old: oldPlaceOf(first.live, 'ffffffff-0000-4000-8000-000000000000', isInside),
    };
    expect(await switchFolders(undo)).toBe('switched');
    expect(filesIn(undo.live)).toEqual(oldTree);
    expect(filesIn(undo.old)).toEqual(newTree);
    expect(await switchFolders(undo)).toBe('already');
  });

  test('is refused where something is not what it was', async () => {
    for (const which of ['live', 'staged'] as const) {
      const order = ready(keepFolder, isInside);
      const wrong = { ...order, [`${which}Ino`]: '1:1' };
      await expect(switchFolders(wrong)).rejects.toMatchObject({ code: 'MEDIA_RESTORE_FAILED' });
      expect(filesIn(order.live)).toEqual(oldTree);
      expect(filesIn(order.staged)).toEqual(newTree);
      expect(filesIn(order.old)).toBe(null);
    }
  });

  test('where nothing is live yet', async () => {
    if (isInside) return;
    const count = await countDeeds(ready(keepFolder, false, false));
    for (let cut = 0; cut <= count; cut += 1) {
      const order = ready(keepFolder, false, false);
      expect(order.liveIno).toBe(null);
      await untilCut(switchFolders(cutAt(order, cut)));
      await switchFolders(order);
      expect(filesIn(order.live)).toEqual(newTree);
      await untilCut(switchBackFolders(cutAt(order, cut)));
      expect(await switchBackFolders(order)).toBeTypeOf('string');
      expect(filesIn(order.live)).toBe(null);
      expect(filesIn(order.staged)).toEqual(newTree);
    }
  });
});

test('between the renames somebody makes the folder anew: an empty one gives way, another does not', async () => {
  const order = ready(false, false);
  renameSync(order.live, order.old);
  mkdirSync(order.live);
  writeFileSync(join(order.live, 'upload'), 'late');
  await expect(switchFolders(order)).rejects.toMatchObject({ code: 'MEDIA_RESTORE_FAILED' });
  expect(readdirSync(order.live)).toEqual(['upload']);
  rmSync(join(order.live, 'upload'));
  await switchFolders(order);
  expect(filesIn(order.live)).toEqual(newTree);
  expect(filesIn(order.old)).toEqual(oldTree);
});

test('what is written while entries are moved is kept with what is replaced', async () => {
  const order = ready(true, false);
  const late = {
    ...order,
    onDeed: (deed: string) => {
      if (deed === 'journal new in') writeFileSync(join(order.live, 'same'), 'late');
    },
  };
  await switchFolders(late);
  expect(filesIn(order.live)).toEqual(newTree);
  expect(filesIn(order.old)).toEqual({ ...oldTree, 'same.2': 'late' });
});

test('a link in the place of the live folder is not taken for it', async () => {
  const order = ready(false, false);
  renameSync(order.live, join(folder, 'elsewhere'));
  symlinkSync(join(folder, 'elsewhere'), order.live);
  await expect(switchFolders(order)).rejects.toMatchObject({ code: 'MEDIA_RESTORE_FAILED' });
});
