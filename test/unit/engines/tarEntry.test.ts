import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { tarEnd, tarHeader, tarPadding } from '../../../workflows/engines/media/tarEntry.js';

async function namesIn(tar: Buffer): Promise<Array<{ name: string; size: number; mtime: number }>> {
  const seen: Array<{ name: string; size: number; mtime: number }> = [];
  const reader = extract();
  Readable.from([tar]).pipe(reader);
  for await (const entry of reader) {
    const { name, size = 0, mtime } = entry.header;
    seen.push({ name, size, mtime: (mtime?.getTime() ?? 0) / 1000 });
    entry.resume();
  }
  return seen;
}

describe('tarHeader', () => {
  const names = [
    'media/a',
    `media/${'x'.repeat(94)}`,
    `media/${'x'.repeat(95)}`,
    `media/${'ü'.repeat(400)}`,
    'media/line\nfeed',
    'media/=7',
  ];
  // Around the lengths at which a record's own length gets another digit.
  for (let length = 80; length < 110; length += 1) names.push('é'.repeat(length / 2) + 'x'.repeat(length));

  test('keeps any name, whole', async () => {
    const content = Buffer.from('hello');
    const parts = names.flatMap((name) => [
      tarHeader({ name, size: 5, mode: 0o640, mtime: 1_000 }),
      content,
      tarPadding(5),
    ]);
    const seen = await namesIn(Buffer.concat([...parts, tarEnd]));
    expect(seen.map(({ name }) => name)).toEqual(names);
    expect(seen.every(({ size, mtime }) => size === 5 && mtime === 1_000)).toBe(true);
  });

  test('announces more than 8 GiB in an extended header', () => {
    const header = tarHeader({ name: 'big', size: 8 * 1024 ** 3, mode: 0o644, mtime: 0 });
    expect(header.length).toBe(3 * 512);
    expect(header.toString('latin1')).toContain('19 size=8589934592\n');
    expect(tarHeader({ name: 'big', size: 8 * 1024 ** 3 - 1, mode: 0o644, mtime: 0 }).length).toBe(512);
  });

  test('pads to whole blocks', () => {
    expect([0, 1, 511, 512, 513].map((size) => tarPadding(size).length)).toEqual([0, 511, 1, 0, 511]);
  });
});
