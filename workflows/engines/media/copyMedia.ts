import {
  bytesInWords,
  manifestKey,
  packIndexKey,
  packKey,
  packListKey,
  scanKey,
  type Finding,
} from '#schema/domain';
import { orGiveUp } from '../giveUp.js';
import { guardAgainstStall } from '../stallGuard.js';
import { ContentStore } from './contentStore.js';
import { copyEntries } from './copyEntries.js';
import type { CopyMediaOrder, Moved } from './copyMediaOrder.js';
import { PackWriter, type Pack } from './packWriter.js';

export interface CopiedMedia {
  /** `size` as stored, gzipped; `sha256` of the lines before compression. */
  manifest: { key: string; size: number; sha256: string };
  /** The list for the next backup, likewise. */
  scan: { key: string; size: number; sha256: string };
  /** Bytes of the files; each path counts. */
  size: number;
  files: number;
  entries: number;
  /** Packs written now that hold something of it. */
  packs: Pack[];
  /** Ids of packs written before that hold the rest. */
  reusedPacks: string[];
  /** Bytes added to storage by all attempts: packs, indexes, manifest and scan list. */
  storedSize: number;
  /** When the walk began. */
  takenAt: Date;
  warnings: Finding[];
}

const progressMs = 250;
const gibibyte = 1024 ** 3;

/**
 * Copies media into packs and a manifest. What vanishes or cannot be read is listed and warned of. A failure or an
 * abort removes what this attempt wrote, but for packs that are whole: the next attempt goes on from there.
 */
export async function copyMedia(order: CopyMediaOrder): Promise<CopiedMedia> {
  const { storage, place, source, onPack, onPackDone, onProgress } = order;
  const moved: Moved = { doneBytes: 0, totalBytes: null, steps: 0 };
  const guard = guardAgainstStall({
    signal: order.signal,
    stallMs: order.stallMs ?? 600_000,
    what: `The copy of the ${source.noun}`,
    position: () => moved.doneBytes + moved.steps,
  });
  const { signal } = guard;
  const report = () => {
    const { doneBytes, totalBytes } = moved;
    onProgress({ doneBytes, totalBytes: totalBytes === null ? null : Math.max(totalBytes, doneBytes) });
  };
  const timer = setInterval(report, progressMs);
  const writer = new PackWriter({
    storage,
    place,
    source: source.id,
    signal,
    readBack: order.readBack ?? false,
    onPack,
    onPackDone,
    onBytes: () => (moved.steps += 1),
    packBytes: order.packBytes ?? gibibyte,
    packObjects: 200_000,
  });
  try {
    report();
    const copied = await orGiveUp(copy(order, { moved, signal, writer }), signal);
    report();
    return copied;
  } catch (error: unknown) {
    const cause: unknown = signal.aborted ? signal.reason : error;
    guard.stop(cause);
    for (const key of unfinished(order, writer)) await storage.remove(key).catch(() => undefined);
    throw cause;
  } finally {
    clearInterval(timer);
    guard.release();
  }
}

async function copy(
  order: CopyMediaOrder,
  { moved, signal, writer }: { moved: Moved; signal: AbortSignal; writer: PackWriter },
): Promise<CopiedMedia> {
  signal.throwIfAborted();
  const { source, previous = null, ownPacks = [] } = order;
  const takenAt = new Date();
  const onStep = () => (moved.steps += 1);
  // What there was last time tells as much of what is to come.
  const media = await source.open({ signal, onStep, measure: !previous });
  moved.totalBytes = media.bytes || (previous?.bytes ?? 0);
  try {
    const contents = new ContentStore(writer, order.knownHashes);
    const { manifest, scan, packIds, recorder } = await copyEntries(order, {
      moved,
      signal,
      media,
      contents,
      takenAt,
      finish: () => writer.close(),
    });
    moved.totalBytes = moved.doneBytes;
    const needed = new Set(packIds);
    const packs = writer.packs.filter(({ id }) => needed.has(id));
    for (const { id } of packs) needed.delete(id);
    return {
      manifest,
      scan,
      size: recorder.size,
      files: recorder.files,
      entries: recorder.entries,
      packs,
      reusedPacks: [...needed],
      storedSize:
        manifest.size +
        scan.size +
        packs.reduce((sum, pack) => sum + pack.size + pack.indexSize, 0) +
        ownPacks.reduce((sum, { id, storedSize }) => sum + (needed.has(id) ? storedSize : 0), 0),
      takenAt,
      warnings: [...recorder.warnings.findings(), ...(recorder.files === 0 ? [noFiles(order)] : [])],
    };
  } catch (error: unknown) {
    // What is being written has to end before it can be removed.
    await writer.abandon(error);
    throw error;
  } finally {
    media.close();
  }
}

/** A disk that was not mounted looks like this. */
function noFiles({ source, previous }: CopyMediaOrder): Finding {
  const before = previous?.bytes ? `, and held ${bytesInWords(previous.bytes)} at the last backup` : '';
  return { code: 'MEDIA_EMPTY', message: `The ${source.noun} holds no files${before}: is it the right one?` };
}

/** What an attempt that failed has left and nobody can use. */
function unfinished({ place, backupId, mark }: CopyMediaOrder, { openId }: PackWriter): string[] {
  const lists = [manifestKey(place, backupId, mark), scanKey(place, backupId, mark)];
  if (openId === null) return lists;
  return [...lists, packKey(place, openId), packIndexKey(place, openId), packListKey(place, openId)];
}
