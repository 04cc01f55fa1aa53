import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  folderIno,
  oldPlaceOf,
  stagedPlaceOf,
  stagedPlacesLeft,
} from '../../../../workflows/engines/media/restore/restorePlaces.js';
import { measure } from '../../../../workflows/engines/media/folder/measure.js';
import { walk } from '../../../../workflows/engines/media/folder/walk.js';
import { surveyFolder } from '../../../../workflows/engines/media/restore/surveyFolder.js';
import { switchFolders } from '../../../../workflows/engines/media/restore/switchFolders.js';
import { mountSmallDisk } from '../smallDisk.js';

const restoreId = '0f0e0d0c-0000-4000-8000-000000000000';
let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-survey-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a folder, reached by a link, is told of as what it is', () => {
  const live = join(folder, 'media');
  mkdirSync(live);
  chmodSync(live, 0o2750);
  symlinkSync(live, join(folder, 'link'));
  const { uid, gid } = lstatSync(live);
  const { freeBytes, ...survey } = surveyFolder(join(folder, 'link'));
  expect(survey).toEqual({
    path: live,
    kind: 'folder',
    ino: folderIno(live),
    owner: { uid, gid },
    mode: 0o2750,
    isMountPoint: false,
    mountsBelow: [],
    writable: true,
    parentWritable: true,
  });
  expect(freeBytes).toBeGreaterThan(0);
});

test('what is missing, and what is no folder', () => {
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
  writeFileSync(join(folder, 'file'), 'x');
  expect(surveyFolder(join(folder, 'missing'))).toMatchObject({
    kind: 'missing',
    ino: null,
    writable: false,
  });
  for (const name of ['dangling', 'file']) {
    expect(surveyFolder(join(folder, name))).toMatchObject({ kind: 'other', ino: null });
  }
  expect(() => surveyFolder(join(folder, 'missing/too'))).toThrow(/ENOENT/);
});

test('a mount point is known, whether another disk or a folder of the same one is mounted', async () => {
  const disk = mountSmallDisk(1);
  if (!disk) return;
  const live = join(folder, 'media');
  mkdirSync(join(folder, 'source/inner'), { recursive: true });
  mkdirSync(live);
  try {
    expect(surveyFolder(disk.path)).toMatchObject({ isMountPoint: true });
    execFileSync('mount', ['--bind', join(folder, 'source'), live]);
    try {
      const { isMountPoint, ino } = surveyFolder(live);
      expect(isMountPoint).toBe(true);
      expect(surveyFolder(folder).mountsBelow).toEqual([live]);
      const [staged, old] = [stagedPlaceOf(live, restoreId, 'r-1', true), oldPlaceOf(live, restoreId, true)];
      mkdirSync(join(staged, 'new'), { recursive: true });
      await switchFolders({
        live,
        staged,
        old,
        liveIno: ino,
        stagedIno: folderIno(staged),
        keepFolder: true,
      });
      expect(folderIno(join(live, 'new'))).not.toBe(null);
      expect(folderIno(join(old, 'inner'))).not.toBe(null);
      expect(folderIno(live)).toBe(ino);
    } finally {
      execFileSync('umount', [live]);
    }
  } finally {
    disk.release();
  }
});

test('places lie beside the folder or in it, and never have names that are too long', () => {
  const mark = '01234567-89ab-cdef-0123-456789abcdef-12';
  expect(stagedPlaceOf('/srv/media', restoreId, 'r-1', false)).toBe(
    '/srv/media.holdfast-restore-0f0e0d0c-r-1',
  );
  expect(oldPlaceOf('/srv/media', restoreId, false)).toBe('/srv/media.holdfast-old-0f0e0d0c');
  expect(stagedPlaceOf('/srv/media', restoreId, 'r-1', true)).toBe(
    '/srv/media/.holdfast-restore-0f0e0d0c-r-1',
  );
  for (const name of ['n'.repeat(255), '表'.repeat(85), '🦊'.repeat(63)]) {
    const live = join(folder, name);
    mkdirSync(live);
    for (const place of [stagedPlaceOf(live, restoreId, mark, false), oldPlaceOf(live, restoreId, false)]) {
      mkdirSync(place);
      expect(place.startsWith(join(folder, name.slice(0, 20)))).toBe(true);
    }
    expect(stagedPlacesLeft(live, restoreId, false)).toEqual([stagedPlaceOf(live, restoreId, mark, false)]);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
  }
});

test('what a restore has put into the media folder is no media', async () => {
  for (const place of [stagedPlaceOf(folder, restoreId, 'r-1', true), oldPlaceOf(folder, restoreId, true)]) {
    mkdirSync(place);
    writeFileSync(join(place, 'file'), '12345');
  }
  mkdirSync(join(folder, 'a/.holdfast-old-mine'), { recursive: true });
  writeFileSync(join(folder, 'a/.holdfast-old-mine/file'), '123');
  expect([...walk(folder, 0)].map(({ path }) => path)).toEqual([
    'a',
    'a/.holdfast-old-mine',
    'a/.holdfast-old-mine/file',
  ]);
  expect(await measure(folder, new AbortController().signal, () => undefined)).toBe(3);
});
