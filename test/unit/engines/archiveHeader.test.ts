import { describe, expect, test } from 'vitest';
import {
  archiveHeader,
  manifestHeader,
  type ArchivedEntry,
} from '../../../workflows/engines/media/archive/archiveHeader.js';
import { PieceFiller } from '../../../workflows/engines/media/archive/pieceFiller.js';

const time = { seconds: 1_700_000_000, nanoseconds: 0 };
const file = (path: string, more: Partial<ArchivedEntry> = {}) =>
  archiveHeader({
    kind: 'file',
    path,
    size: 5,
    mode: 0o640,
    time,
    sha256: Buffer.alloc(32),
    ...more,
  } as ArchivedEntry);
const words = (header: Buffer) => header.toString('latin1');

describe('archiveHeader', () => {
  test('is one block where everything has room', () => {
    for (const path of ['a', 'x'.repeat(94), '\xff\xfe', 'line\nfeed']) {
      const header = file(path);
      expect(header.length).toBe(512);
      expect(words(header).startsWith(`media/${path}`)).toBe(true);
    }
    expect(manifestHeader(0).length).toBe(512);
  });

  test('gives a longer name byte by byte before', () => {
    const path = '\xf0'.repeat(95);
    const header = file(path);
    expect(header.length).toBe(3 * 512);
    expect(words(header.subarray(156, 157))).toBe('L');
    expect(words(header.subarray(512, 512 + 101))).toBe(`media/${path}`);
  });

  test('gives a longer target before, of a hardlink below the media', () => {
    const base = { path: 'b', mode: 0o777, time };
    const symlink = archiveHeader({ ...base, kind: 'symlink', target: `../${'t'.repeat(98)}` });
    expect(words(symlink.subarray(156, 157))).toBe('K');
    expect(words(symlink)).toContain(`../${'t'.repeat(98)}\0`);
    const hardlink = archiveHeader({ ...base, kind: 'hardlink', target: 'a' });
    expect(hardlink.length).toBe(512);
    expect(words(hardlink.subarray(156, 165))).toBe('1media/a\0');
  });

  test('announces more than 8 GiB, and times that have no room', () => {
    expect(words(file('a', { size: 9 * 1024 ** 3 } as Partial<ArchivedEntry>))).toContain(
      '19 size=9663676416\n',
    );
    const at = (seconds: number, nanoseconds: number) => words(file('a', { time: { seconds, nanoseconds } }));
    expect(at(1, 500_000_000)).toContain('13 mtime=1.5\n');
    expect(at(1, 1)).toContain(' mtime=1.000000001\n');
    expect(at(-1, 500_000_000)).toContain(' mtime=-0.5\n');
    expect(at(-2, 0)).toContain(' mtime=-2\n');
    expect(at(20_000_000_000, 0)).toContain(' mtime=20000000000\n');
    expect(at(1, 0)).not.toContain('mtime=');
  });
});

test('pieces are full but for the last, and hold what was added', () => {
  const filler = new PieceFiller();
  const added = [3, 300_000, 0, 262_144, 7].map((size, at) => Buffer.alloc(size, at + 1));
  const pieces = [...added.flatMap((bytes) => [...filler.add(bytes)]), ...filler.end()];
  expect(Buffer.concat(pieces).equals(Buffer.concat(added))).toBe(true);
  expect(pieces.slice(0, -1).every(({ length }) => length === 262_144)).toBe(true);
  expect([...filler.end()]).toEqual([]);
});
