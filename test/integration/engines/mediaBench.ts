import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect } from 'vitest';
import { packIndexKey, packKey, type ManifestEntry, type Place } from '#schema/domain';
import { copyMedia, type CopiedMedia } from '../../../workflows/engines/media/copyMedia.js';
import type { CopyMediaOrder } from '../../../workflows/engines/media/copyMediaOrder.js';
import { folderSource } from '../../../workflows/engines/media/folder/folderSource.js';
import { FileStorage } from '../../../workflows/engines/storage/file.js';
import type { Storage, WriteOptions } from '../../../workflows/engines/storage/storage.js';
import { content } from './storage.suite.js';

/** For so long after a change files are read again; tests wait for the end of it. */
export const settleMs = 2_000;

export const place: Place = { projectId: 'p', environmentId: 'e' };

/** A media folder and a storage of a test's own. */
export interface MediaBench {
  folder: string;
  root: string;
  storage: Storage;
}

/** Sets up a fresh bench for each test of the file. */
export function useMediaBench(): MediaBench {
  const bench = {} as MediaBench;
  beforeEach(async () => {
    bench.folder = await mkdtemp(join(tmpdir(), 'holdfast-media-'));
    bench.root = join(bench.folder, 'media');
    mkdirSync(bench.root);
    mkdirSync(join(bench.folder, 'storage'));
    bench.storage = new FileStorage(join(bench.folder, 'storage'));
  });
  afterEach(() => rm(bench.folder, { recursive: true, force: true }));
  return bench;
}

/** Writes a file into the media folder, with the folders above it. */
export function put({ root }: MediaBench, path: string | Buffer, bytes: string | Buffer = 'x'): void {
  const whole = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path)]);
  mkdirSync(whole.subarray(0, whole.lastIndexOf('/')), { recursive: true });
  writeFileSync(whole, bytes);
}

/** Copies the media folder to the storage. */
export function copy(
  { root, storage }: MediaBench,
  more: Partial<CopyMediaOrder> = {},
): Promise<CopiedMedia> {
  return copyMedia({
    source: folderSource(root, settleMs),
    storage,
    place,
    backupId: 'b',
    mark: 'run-1',
    onPack: async () => undefined,
    onPackDone: async () => undefined,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...more,
  });
}

/** The same storage, told of every piece that a write has taken. */
export function listened(storage: Storage, onBytes: (key: string, total: number) => void): Storage {
  const disturbed = Object.create(storage) as Storage;
  disturbed.write = (key, source, options: WriteOptions) =>
    storage.write(key, source, { ...options, onBytes: (total) => onBytes(key, total) });
  return disturbed;
}

/** The manifest's entries, after a look at its hash, its count and its order. */
export async function entriesOf({ storage }: MediaBench, copied: CopiedMedia): Promise<ManifestEntry[]> {
  const lines = gunzipSync(await content(storage, copied.manifest.key));
  expect(sha256(lines)).toBe(copied.manifest.sha256);
  const entries = lines
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ManifestEntry);
  expect(entries).toHaveLength(copied.entries);
  const paths = entries.map(({ path, pathBase64 = '' }) =>
    path === undefined ? Buffer.from(pathBase64, 'base64') : Buffer.from(path),
  );
  expect(paths).toEqual([...paths].sort(Buffer.compare));
  return entries;
}

/** Reads every content back through the indexes and compares its hash; answers hash → bytes. */
export async function contentsOf(bench: MediaBench, copied: CopiedMedia): Promise<Map<string, Buffer>> {
  const { storage } = bench;
  for (const pack of copied.packs) {
    expect(await storage.stat(packKey(place, pack.id))).toMatchObject({ size: pack.size });
  }
  const found = await contentsIn(
    bench,
    copied.packs.map(({ id }) => id),
  );
  expect(found.size).toBe(copied.packs.reduce((sum, { objects }) => sum + objects, 0));
  return found;
}

/** The same for any packs. */
export async function contentsIn({ storage }: MediaBench, packs: string[]): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const pack of packs) {
    const lines = gunzipSync(await content(storage, packIndexKey(place, pack)))
      .toString()
      .split('\n')
      .filter(Boolean);
    expect(lines).toEqual([...lines].sort());
    for (const line of lines) {
      const entry = JSON.parse(line) as { sha256: string; offset: number; size: number };
      const bytes = await content(storage, packKey(place, pack), {
        start: entry.offset,
        length: entry.size,
      });
      expect(sha256(bytes)).toBe(entry.sha256);
      found.set(entry.sha256, bytes);
    }
  }
  return found;
}

/** Hex SHA-256. */
export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
