import { setMaxListeners } from 'node:events';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Storage, StoredObject } from '../../../workflows/engines/storage/storage.js';

const never = new AbortController().signal;
setMaxListeners(100, never);
const key = 'v1/project/environment/backups/one/run-1/database.dump';

/** What every storage must do; `fresh` answers with an empty one. */
export function storageSuite(fresh: () => Promise<Storage>): void {
  test('gives back what was written, its size and hash', async () => {
    const storage = await fresh();
    const bytes = randomBytes(3_000_001);
    const seen: number[] = [];
    const written = await storage.write(key, inPieces(bytes), {
      signal: never,
      onBytes: (total) => seen.push(total),
    });
    expect(written).toEqual({ size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    expect(seen.at(-1)).toBe(bytes.length);
    expect(await storage.stat(key)).toEqual({ key, size: bytes.length });
    expect((await content(storage, key)).equals(bytes)).toBe(true);
    expect(await keysOf(storage, 'v1/')).toEqual([key]);
  });

  test('hashes nothing where that is not wanted, and reads back where it is', async () => {
    const storage = await fresh();
    const bytes = randomBytes(2_500_001);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    for (const hash of [true, false]) {
      for (const readBack of [true, false]) {
        const written = await storage.write(key, inPieces(bytes), { signal: never, hash, readBack });
        expect(written).toEqual({ size: bytes.length, sha256: hash ? sha256 : '' });
        expect((await content(storage, key)).equals(bytes)).toBe(true);
        await storage.remove(key);
      }
    }
    await storage.write(key, Readable.from([]), { signal: never, readBack: true });
    expect(await keysOf(storage, '')).toEqual([key]);
  });

  test('gives back ranges', async () => {
    const storage = await fresh();
    const bytes = randomBytes(700_000);
    await storage.write(key, inPieces(bytes), { signal: never });
    for (const [start, length] of [
      [0, 1],
      [1, 600_000],
      [699_999, 1],
      [5, 0],
    ] as const) {
      expect(
        (await content(storage, key, { start, length })).equals(bytes.subarray(start, start + length)),
      ).toBe(true);
    }
  });

  test('keeps an empty object', async () => {
    const storage = await fresh();
    expect(await storage.write(key, Readable.from([]), { signal: never })).toMatchObject({ size: 0 });
    expect((await content(storage, key)).length).toBe(0);
  });

  test('says absent where nothing is', async () => {
    const storage = await fresh();
    expect(await storage.stat(key)).toBeNull();
    expect(await storage.read(key)).toBeNull();
    expect(await keysOf(storage, 'v1/')).toEqual([]);
    await storage.remove(key);
    await storage.remove('v1/nothing/');
  });

  test('a source that fails leaves nothing, and its own error is thrown', async () => {
    const storage = await fresh();
    const failure = Object.assign(new Error('the source broke'), { code: 'ENOSPC' });
    const source = Readable.from(
      (async function* () {
        yield Buffer.alloc(100_000);
        throw failure;
      })(),
    );
    await expect(storage.write(key, source, { signal: never })).rejects.toBe(failure);
    expect(await keysOf(storage, '')).toEqual([]);
  });

  test('a source that was destroyed leaves nothing', async () => {
    const storage = await fresh();
    const source = new Readable({ read: () => undefined });
    source.push(Buffer.alloc(1000));
    setTimeout(() => source.destroy(), 30);
    await expect(storage.write(key, source, { signal: never })).rejects.toThrow();
    expect(await keysOf(storage, '')).toEqual([]);
  });

  test('an abort leaves nothing, before and in the middle', async () => {
    const storage = await fresh();
    const reason = new Error('cancelled');
    await expect(
      storage.write(key, inPieces(Buffer.alloc(10)), { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
    const controller = new AbortController();
    const source = new Readable({ read: () => undefined });
    source.push(Buffer.alloc(100_000));
    setTimeout(() => controller.abort(reason), 30);
    await expect(storage.write(key, source, { signal: controller.signal })).rejects.toBe(reason);
    expect(source.destroyed).toBe(true);
    expect(await keysOf(storage, '')).toEqual([]);
  });

  test('an object is not there before it is whole, and unfinished writes can be found and removed', async () => {
    const storage = await fresh();
    const source = new Readable({ read: () => undefined });
    source.push(Buffer.alloc(100_000));
    const writing = storage.write(key, source, { signal: never, onBytes: () => undefined });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await storage.stat(key)).toBeNull();
    source.push(null);
    await writing;
    expect(await storage.stat(key)).toMatchObject({ size: 100_000 });
    await storage.remove(key);
    expect(await keysOf(storage, '')).toEqual([]);
  });

  test('F21: of many who seal one key exactly one succeeds', async () => {
    const storage = await fresh();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => storage.seal('a/backup.json', Buffer.from(`${i}`))),
    );
    expect(answers.filter((answer) => answer === 'sealed')).toHaveLength(1);
    expect((await content(storage, 'a/backup.json')).toString()).toBe(String(answers.indexOf('sealed')));
    expect(await storage.seal('a/backup.json', Buffer.from('late'))).toBe('exists');
    expect(await keysOf(storage, '')).toEqual(['a/backup.json']);
  });

  test('lists by prefix and removes by key and by prefix', async () => {
    const storage = await fresh();
    for (const name of ['a/b/one', 'a/b/two', 'a/bc', 'd'])
      await storage.write(name, Readable.from([Buffer.from(name)]), { signal: never });
    expect(await keysOf(storage, 'a/b')).toEqual(['a/b/one', 'a/b/two', 'a/bc']);
    expect(await keysOf(storage, 'a/b/')).toEqual(['a/b/one', 'a/b/two']);
    await storage.remove('a/b/one');
    expect(await keysOf(storage, '')).toEqual(['a/b/two', 'a/bc', 'd']);
    await storage.remove('a/b/');
    expect(await keysOf(storage, '')).toEqual(['a/bc', 'd']);
  });

  test('writers and removers of neighbours do not disturb each other', async () => {
    const storage = await fresh();
    await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        await storage.write(`x/y/${i % 3}/${i}`, Readable.from([Buffer.from('x')]), { signal: never });
        await storage.remove(`x/y/${i % 3}/${i}`);
      }),
    );
    expect(await keysOf(storage, '')).toEqual([]);
  });

  test.each(['../outside', '/etc/passwd', 'a/../../b', 'a\0b', ''])('refuses the key %j', async (bad) => {
    const storage = await fresh();
    await expect(storage.write(bad, Readable.from([Buffer.from('x')]), { signal: never })).rejects.toThrow(
      TypeError,
    );
    await expect(storage.remove(bad)).rejects.toThrow(TypeError);
    await expect(storage.stat(bad)).rejects.toThrow(TypeError);
  });

  test('a probe passes and leaves nothing', async () => {
    const storage = await fresh();
    await storage.probe();
    expect(await keysOf(storage, '')).toEqual([]);
  });
}

/** Keys under a prefix, sorted. */
export async function keysOf(storage: Storage, prefix: string): Promise<string[]> {
  const found: StoredObject[] = [];
  for await (const object of storage.list(prefix)) found.push(object);
  return found.map((object) => object.key).sort();
}

/** All bytes of an object or a range of it. */
export async function content(
  storage: Storage,
  of: string,
  range?: { start: number; length: number },
): Promise<Buffer> {
  const stream = await storage.read(of, range);
  if (!stream) throw new Error(`${of} is absent`);
  return buffer(stream);
}

function inPieces(bytes: Buffer): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) pieces.push(bytes.subarray(at, at + 65_536));
  return Readable.from(pieces);
}
