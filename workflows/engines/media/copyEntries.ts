import { setImmediate } from 'node:timers/promises';
import { manifestKey, packListKey, scanKey } from '#schema/domain';
import type { ContentStore } from './contentStore.js';
import type { CopyMediaOrder, Moved } from './copyMediaOrder.js';
import { EntryRecorder } from './entryRecorder.js';
import { LineWriter } from './lineWriter.js';
import { EarlierFiles, type EarlierOrder } from './scan/earlierFiles.js';
import { DamagedScan } from './scan/scanReader.js';
import { ScanWriter } from './scan/scanWriter.js';
import type { OpenMedia } from './source.js';

/** For so long everything else on the thread may have to wait. */
const breathMs = 20;

interface Copying {
  moved: Moved;
  signal: AbortSignal;
  media: OpenMedia;
  contents: ContentStore;
  takenAt: Date;
  /** Called once all contents have been handed to the store. */
  finish: () => Promise<void>;
}

interface CopiedEntries {
  recorder: EntryRecorder;
  manifest: { key: string; size: number; sha256: string };
  scan: { key: string; size: number; sha256: string };
  /** Every pack that the files’ contents lie in. */
  packIds: string[];
}

/** Walks through the media, stores what is new, and writes manifest and scan list. */
export async function copyEntries(order: CopyMediaOrder, copying: Copying): Promise<CopiedEntries> {
  const own = (order.ownPacks ?? []).flatMap(({ id, listSha256 }) =>
    listSha256 === null ? [] : [{ pack: id, key: packListKey(order.place, id), sha256: listSha256 }],
  );
  const lists = { own, previous: order.previous ?? null };
  try {
    return await walkOnce(order, copying, lists);
  } catch (error: unknown) {
    if (!(error instanceof DamagedScan)) throw error;
    // Without these lists, nothing is taken on trust; what was stored meanwhile is known by its hash.
    copying.moved.doneBytes = 0;
    return walkOnce(order, copying, { own: [], previous: null });
  }
}

async function walkOnce(
  order: CopyMediaOrder,
  copying: Copying,
  lists: Pick<EarlierOrder, 'own' | 'previous'>,
): Promise<CopiedEntries> {
  const { storage, place, backupId, mark, source } = order;
  const { signal, contents, takenAt, moved } = copying;
  const readSinceMs = order.readSinceMs ?? 0;
  const earlier = await EarlierFiles.open({ storage, source: source.id, readSinceMs, ...lists });
  const keys = { manifest: manifestKey(place, backupId, mark), scan: scanKey(place, backupId, mark) };
  const options = { signal, readBack: order.readBack ?? false };
  const manifest = new LineWriter(storage, keys.manifest, options);
  const readInFullAt = earlier.readInFullAt ?? takenAt.toISOString();
  const scan = new ScanWriter(storage, keys.scan, { source: source.id, readInFullAt }, options);
  try {
    const onBytes = (bytes: number) => {
      moved.doneBytes += bytes;
      moved.steps += 1;
    };
    const recorder = new EntryRecorder({ source, contents, manifest, scan, signal, onBytes });
    await record(copying, earlier, recorder);
    await earlier.end();
    await copying.finish();
    const [listed, scanned] = await Promise.all([manifest.end(), scan.end()]);
    return {
      recorder,
      manifest: { key: keys.manifest, ...listed },
      scan: { key: keys.scan, ...scanned },
      packIds: scan.packIds,
    };
  } catch (error: unknown) {
    await Promise.all([manifest.abandon(error), scan.abandon(error)]);
    throw error;
  } finally {
    earlier.close();
  }
}

async function record(
  { media, moved, signal }: Copying,
  earlier: EarlierFiles,
  recorder: EntryRecorder,
): Promise<void> {
  let breathedAt = performance.now();
  for (const walked of media.walk()) {
    if (performance.now() - breathedAt > breathMs) {
      await setImmediate();
      breathedAt = performance.now();
    }
    signal.throwIfAborted();
    moved.steps += 1;
    const known = walked.kind === 'file' ? await earlier.find(walked.path, walked.facts) : null;
    if (known) media.noteKnown();
    const waits = recorder.add(walked, known);
    if (waits) await waits;
  }
  await recorder.flush();
  media.requireSame();
}
