import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packKey } from '#schema/domain';
import { verifyMedia } from '../../../../workflows/engines/media/restore/verifyMedia.js';
import { S3Server } from '../../../support/s3Server.js';
import { copy, place, put, useMediaBench } from '../mediaBench.js';
import { treeOn } from '../mediaHistory.js';
import { storageIn } from '../s3Bench.js';
import { partOf, stage, stagedAt } from './mediaRestoreBench.js';

const bench = useMediaBench();
let server: S3Server;
beforeAll(async () => {
  server = await S3Server.start();
});
afterAll(() => server.remove());

test('media come back from storage in a bucket', async () => {
  const storage = storageIn(server, await server.makeBucket());
  for (let i = 0; i < 30; i += 1) put(bench, `d/${i}`, randomBytes(i * 1_000));
  put(bench, 'large', randomBytes(12_000_000));
  put(bench, 'z', 'last');
  const copied = await copy(bench, { storage, packBytes: 20_000_000 });
  const part = partOf(copied);
  const order = { storage, place, part, signal: new AbortController().signal, stallMs: 60_000 };
  expect(await verifyMedia(order)).toMatchObject({ files: 32, bytes: part.size });
  await stage(bench, part, { storage });
  const words = (tree: Map<string, string>) =>
    [...tree].map(([path, word]) => [path, word.replace(/\d{3}Z/, 'Z')]);
  expect(words(treeOn({ ...bench, root: stagedAt(bench) }))).toEqual(words(treeOn(bench)));
  await storage.remove(packKey(place, part.packs[0] ?? ''));
  await expect(verifyMedia(order)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
});
