import { describe, expect, test } from 'vitest';
import { FolderStack } from '../../../workflows/engines/media/restore/folderStack.js';
import { placesIn } from '../../../workflows/engines/media/restore/mountPoints.js';
import { leadsOut, pathInWords, pathProblem } from '../../../workflows/engines/media/restore/pathRules.js';
import { toRestoredEntry } from '../../../workflows/engines/media/restore/restoredEntry.js';

describe('a path below a media folder', () => {
  test.each(['a', 'a/b', '...', 'a/..b', '.hidden', 'ü\n', 'n'.repeat(255)])('may be %j', (path) => {
    expect(pathProblem(path)).toBe(null);
  });
  test.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/./b',
    'a/..',
    '../a',
    'a\0',
    'n'.repeat(256),
    'a/'.repeat(3_000),
  ])('may not be %j', (path) => expect(pathProblem(path)).toMatch(/^has /));
  test('is named without what a terminal would obey', () => {
    expect(pathInWords('a\n\u001b[2Jb')).toBe('“a??[2Jb”');
    expect(pathInWords('x'.repeat(5_000)).length).toBeLessThan(250);
  });
});

describe('a link', () => {
  test.each([
    ['a', 'b'],
    ['a/b', '../c'],
    ['a/b/c', '../../d'],
    ['a', 'b/../c'],
    ['a', './b'],
    ['a', '.'],
    ['a/b', '..'],
  ])('at %s to %s stays in the folder', (path, target) => expect(leadsOut(path, target)).toBe(false));
  test.each([
    ['a', '/b'],
    ['a', '..'],
    ['a', '../b'],
    ['a/b', '../../c'],
    ['a/b', '../../a/b'],
    ['a', 'b/../../c'],
  ])('at %s to %s leads out', (path, target) => expect(leadsOut(path, target)).toBe(true));
});

test('folders are complete once what comes next lies behind them', () => {
  const stack = new FolderStack<string>();
  const done: string[][] = [];
  const folders = new Set(['a', 'a-b', 'a-b/c', 'a/d', 'b']);
  for (const path of ['a', 'a-b', 'a-b/c', 'a-b/c/x', 'a.txt', 'a/d', 'a/d/y', 'a/z', 'a0', 'b']) {
    done.push(stack.pass(path));
    expect(stack.holds(path)).toBe(true);
    if (folders.has(path)) stack.push(path, path);
  }
  expect(done).toEqual([[], [], [], [], ['a-b/c', 'a-b'], [], [], ['a/d'], ['a'], []]);
  expect(stack.holds('a/late')).toBe(false);
  expect(stack.holds('b/in')).toBe(true);
  expect(stack.end()).toEqual(['b']);
});

test('a line of a manifest is read to the nanosecond, and by its bytes', () => {
  const line = (fields: object) =>
    JSON.stringify({ path: 'é', mtime: '1969-12-31T23:59:59.123456789Z', mode: '2755', ...fields });
  expect(toRestoredEntry(line({ type: 'directory' }))).toEqual({
    kind: 'directory',
    path: '\u00c3\u00a9',
    mode: 0o2755,
    time: { seconds: -1, nanoseconds: 123_456_789 },
  });
  expect(toRestoredEntry(line({ type: 'symlink', targetBase64: '/w==' }))).toMatchObject({
    target: '\u00ff',
  });
  expect(toRestoredEntry(line({ type: 'file', problem: 'gone' }))).toMatchObject({ kind: 'absent' });
  for (const fields of [
    { type: 'file', size: -1, sha256: '0'.repeat(64) },
    { type: 'file', size: 1.5, sha256: '0'.repeat(64) },
    { type: 'file', size: 1, sha256: '0' },
    { type: 'symlink' },
    { type: 'fifo' },
    { type: 'directory', mode: '-1' },
    { type: 'directory', mtime: 'yesterday' },
    { type: 'directory', path: 7 },
  ]) {
    expect(toRestoredEntry(line(fields))).toBe(null);
  }
});

test('mounts are told of with their spaces', () => {
  const mountinfo =
    '36 35 98:0 / /srv/my\\040media rw - ext4 /dev/sda rw\n37 35 98:0 /x /é rw - ext4 /dev/sda rw\n';
  expect(placesIn(mountinfo)).toEqual(['/srv/my media', '/é']);
});
