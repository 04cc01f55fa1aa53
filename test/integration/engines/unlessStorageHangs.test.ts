import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStorage } from '../../../workflows/engines/storage/openStorage.js';
import type { Storage } from '../../../workflows/engines/storage/storage.js';
import { unlessStorageHangs } from '../../../workflows/engines/storage/unlessStorageHangs.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-hang-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('lends storage as it is', async () => {
  const own = openStorage({ directory: folder });
  const seen = await unlessStorageHangs(own, 60_000, async (storage) => {
    await storage.seal('a/b', Buffer.from('c'));
    const listed = [];
    for await (const { key } of storage.list('')) listed.push(key);
    return { listed, found: await storage.stat('a/b') };
  });
  expect(seen).toEqual({ listed: ['a/b'], found: { key: 'a/b', size: 1 } });
});

test('a call that is not answered ends the work, with words', async () => {
  // What a folder of a network that is away does: it never answers.
  const hanging: Storage = Object.assign(Object.create(openStorage({ directory: folder })) as Storage, {
    stat: () => new Promise<never>(() => undefined),
  });
  await expect(unlessStorageHangs(hanging, 100, (storage) => storage.stat('a'))).rejects.toMatchObject({
    code: 'STALLED',
    message: expect.stringContaining('backup storage'),
  });
});

test('what was given up asks nothing any more, once storage answers again', async () => {
  const own = openStorage({ directory: folder });
  await own.seal('a/b', Buffer.from('c'));
  let answer = (): void => undefined;
  const hanging: Storage = Object.assign(Object.create(own) as Storage, {
    stat: () => new Promise<null>((resolve) => (answer = () => resolve(null))),
  });
  let late: unknown = null;
  const work = async (storage: Storage) => {
    await storage.stat('a/b');
    late = await storage.remove('a/b').catch((error: unknown) => error);
  };
  await expect(unlessStorageHangs(hanging, 100, work)).rejects.toMatchObject({ code: 'STALLED' });
  answer();
  await expect.poll(() => late).toMatchObject({ code: 'STALLED' });
  expect(await own.stat('a/b')).toEqual({ key: 'a/b', size: 1 });
});

test('time spent on something else does not count', async () => {
  const own = openStorage({ directory: folder });
  await expect(unlessStorageHangs(own, 50, async () => sleep(400, 'done'))).resolves.toBe('done');
});
