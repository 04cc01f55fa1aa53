import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { HashTable } from '../../../workflows/engines/media/hashTable.js';
import { MediaWarnings } from '../../../workflows/engines/media/mediaWarnings.js';
import { PostgresTools } from '../../../workflows/engines/postgres/tools.js';
import { guardAgainstStall } from '../../../workflows/engines/stallGuard.js';
import type { Storage } from '../../../workflows/engines/storage/storage.js';
import { keyNames } from '../../../workflows/engines/storage/storageKey.js';
import { throttled } from '../../../workflows/engines/storage/throttle.js';

const hashOf = (text: string) => createHash('sha256').update(text).digest();

test('a HashTable remembers the first number of what was added and nothing else', () => {
  const table = new HashTable();
  for (let i = 0; i < 5_000; i += 1) table.add(hashOf(`in ${i % 4_000}`), i);
  for (let i = 0; i < 4_000; i += 1) {
    expect([table.get(hashOf(`in ${i}`)), table.get(hashOf(`out ${i}`))]).toEqual([i, null]);
  }
});

test.each(['', '/a', 'a//b', '../a', 'a/../b', 'a/.', 'a\0b', 'a/'])('the key %j leads nowhere', (key) => {
  expect(() => keyNames(key)).toThrow(TypeError);
});

describe('PostgresTools', () => {
  const set = (version: string) => ({
    pgDump: '',
    pgRestore: '',
    version,
    major: Number.parseInt(version, 10),
    accelerator: null,
  });
  const tools = new PostgresTools([set('14.2'), set('17.1'), set('16.3')]);

  test('takes the own major version, and a newer one only where allowed', () => {
    expect(tools.forMajor(16)).toMatchObject({ version: '16.3', warnings: [] });
    expect(() => tools.forMajor(15)).toThrow(/PostgreSQL 15.*only 14\.2, 17\.1, 16\.3/);
    expect(tools.forMajor(15, { allowNewer: true })).toMatchObject({
      version: '16.3',
      warnings: [{ code: 'NEWER_TOOLS' }],
    });
    expect(() => tools.forMajor(18, { allowNewer: true })).toThrow();
    expect(() => new PostgresTools([]).forMajor(15)).toThrow(/none/);
  });
});

describe('throttled', () => {
  const swallow: Pick<Storage, 'write'> = {
    write: async (_key, source) => {
      let size = 0;
      for await (const chunk of source as AsyncIterable<Buffer>) size += chunk.length;
      return { size, sha256: '' };
    },
  };
  const slow = throttled(swallow as Storage, 100_000);
  const signal = new AbortController().signal;

  test('keeps all writes together below the limit', async () => {
    const began = performance.now();
    const bytes = () => Readable.from([Buffer.alloc(20_000), Buffer.alloc(20_000)]);
    const written = await Promise.all([
      slow.write('a', bytes(), { signal }),
      slow.write('b', bytes(), { signal }),
    ]);
    expect(written.map(({ size }) => size)).toEqual([40_000, 40_000]);
    expect(performance.now() - began).toBeGreaterThan(750);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test("passes the source's own error on", async () => {
    const failure = new Error('the source broke');
    const source = new Readable({ read: () => undefined });
    source.push(Buffer.alloc(10));
    setTimeout(() => source.destroy(failure), 20);
    await expect(slow.write('a', source, { signal })).rejects.toBe(failure);
  });
});

test('a stall is told from slow progress', async () => {
  let position = 0;
  const guard = guardAgainstStall({
    signal: new AbortController().signal,
    stallMs: 200,
    what: 'It',
    position: () => position,
  });
  for (let i = 0; i < 8; i += 1) {
    await sleep(50);
    position += 1;
  }
  expect(guard.signal.aborted).toBe(false);
  await sleep(500);
  expect(guard.signal.reason).toMatchObject({ code: 'STALLED' });
  guard.release();
});

test('warnings count and name the first few', () => {
  const warnings = new MediaWarnings({ noun: 'media folder', reader: 'the worker’s user' });
  for (let i = 0; i < 7; i += 1) warnings.add('vanished', `f${i}\n`);
  const [finding] = warnings.findings();
  expect(finding?.code).toBe('MEDIA_FILE_VANISHED');
  expect(finding?.message).toContain('7 (“f0?”, “f1?”, “f2?”, “f3?”, “f4?”, …)');
});
