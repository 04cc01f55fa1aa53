import { gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { join } from 'node:path';
import { manifestLine, type ManifestEntry, type MediaPartDocument } from '#schema/domain';
import type { CopiedMedia } from '../../../../workflows/engines/media/copyMedia.js';
import { stageMedia } from '../../../../workflows/engines/media/restore/stageMedia.js';
import type { StagedMedia } from '../../../../workflows/engines/media/restore/stageMediaOrder.js';
import type { StageMediaOrder } from '../../../../workflows/engines/media/restore/stageMediaOrder.js';
import type { Storage } from '../../../../workflows/engines/storage/storage.js';
import { place, sha256, type MediaBench } from '../mediaBench.js';
import { packsOf } from '../mediaHistory.js';

/** A copy as `backup.json` tells of it. */
export function partOf(copied: CopiedMedia): MediaPartDocument {
  const { manifest, size, files, entries } = copied;
  return {
    content: 'MEDIA',
    key: manifest.key,
    size,
    sha256: manifest.sha256,
    files,
    entries,
    packs: packsOf(copied),
  };
}

/** Where tests stage: beside the media folder. */
export const stagedAt = (bench: MediaBench) => join(bench.folder, 'staged');

/** Stages a part beside the media folder. */
export function stage(
  bench: MediaBench,
  part: MediaPartDocument,
  more: Partial<StageMediaOrder> = {},
): Promise<StagedMedia> {
  return stageMedia({
    storage: bench.storage,
    place,
    part,
    target: { in: 'folder', directory: stagedAt(bench), owner: null, mode: 0o755 },
    signal: new AbortController().signal,
    stallMs: 60_000,
    onProgress: () => undefined,
    ...more,
  });
}

/** A manifest somebody made up, stored as if it were a backup’s. */
export async function crafted(
  storage: Storage,
  entries: Array<Partial<ManifestEntry> & Pick<ManifestEntry, 'type'>>,
  more: Partial<MediaPartDocument> = {},
): Promise<MediaPartDocument> {
  const lines = entries
    .map((entry) => manifestLine({ mtime: '2020-01-01T00:00:00.000000000Z', mode: '0644', ...entry }))
    .join('');
  return craftedLines(storage, lines, {
    files: entries.filter(({ type, problem }) => type === 'file' && problem === undefined).length,
    entries: entries.length,
    size: entries.reduce((sum, { size = 0 }) => sum + size, 0),
    ...more,
  });
}

/** The same of any text. */
export async function craftedLines(
  storage: Storage,
  lines: string,
  more: Partial<MediaPartDocument> = {},
): Promise<MediaPartDocument> {
  const key = 'v1/p/e/backups/crafted/run-1/manifest.jsonl.gz';
  await storage.write(key, Readable.from([gzipSync(lines)]), { signal: new AbortController().signal });
  return { content: 'MEDIA', key, size: 0, sha256: sha256(lines), files: 0, entries: 0, packs: [], ...more };
}
