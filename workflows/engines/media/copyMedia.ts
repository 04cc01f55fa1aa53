import { manifestKey, packIndexKey, packKey, type Finding, type Place } from '#schema/domain';
import { orGiveUp } from '../giveUp.js';
import { guardAgainstStall } from '../stallGuard.js';
import type { Storage } from '../storage/storage.js';
import { ContentStore, type KnownHashes } from './contentStore.js';
import { EntryRecorder } from './entryRecorder.js';
import { ManifestWriter } from './manifestWriter.js';
import { PackWriter, type Pack } from './packWriter.js';
import type { MediaSource } from './source.js';

export interface CopyMediaOrder {
  /** Where the media lie. */
  source: MediaSource;
  storage: Storage;
  place: Place;
  backupId: string;
  /** `<run>-<attempt>`. */
  mark: string;
  /** For incremental backups: content that it names is not stored again. */
  knownHashes?: KnownHashes;
  /** Called before anything of a pack is written, so that the catalogue knows of it first. */
  onPack: (packId: string) => Promise<void>;
  signal: AbortSignal;
  /** How long nothing may move; 10 min where left out. */
  stallMs?: number;
  /** Called at once and then every 250 ms, in bytes of the source; `totalBytes` null until it has been measured. */
  onProgress: (progress: { doneBytes: number; totalBytes: number | null }) => void;
  /** Bytes of a pack; 1 GiB where left out. */
  packBytes?: number;
}

export interface CopiedMedia {
  /** `size` as stored, gzipped; `sha256` of the lines before compression. */
  manifest: { key: string; size: number; sha256: string };
  /** Bytes of the files; each path counts. */
  size: number;
  files: number;
  entries: number;
  /** Packs written now. */
  packs: Pack[];
  /** Ids of earlier packs that hold the rest. */
  reusedPacks: string[];
  /** Bytes added to storage: packs, indexes and manifest. */
  storedSize: number;
  /** When the walk began. */
  takenAt: Date;
  warnings: Finding[];
}

const progressMs = 250;
const gibibyte = 1024 ** 3;

/**
 * Copies media into packs and a manifest. What vanishes or cannot be read is listed and warned of; a
 * failure or an abort removes whatever this attempt wrote.
 */
export async function copyMedia(order: CopyMediaOrder): Promise<CopiedMedia> {
  const { storage, place, onPack, onProgress } = order;
  const moved: Moved = { doneBytes: 0, totalBytes: null, steps: 0 };
  const guard = guardAgainstStall({
    signal: order.signal,
    stallMs: order.stallMs ?? 600_000,
    what: `The copy of the ${order.source.noun}`,
    position: () => moved.doneBytes + moved.steps,
  });
  const { signal } = guard;
  const report = () => {
    const { doneBytes, totalBytes } = moved;
    onProgress({ doneBytes, totalBytes: totalBytes === null ? null : Math.max(totalBytes, doneBytes) });
  };
  const timer = setInterval(report, progressMs);
  const key = manifestKey(place, order.backupId, order.mark);
  const writer = new PackWriter({
    storage,
    place,
    signal,
    onPack,
    onBytes: () => (moved.steps += 1),
    packBytes: order.packBytes ?? gibibyte,
    packObjects: 200_000,
  });
  try {
    report();
    const copied = await orGiveUp(copy(order, { moved, signal, key, writer }), signal);
    report();
    return copied;
  } catch (error: unknown) {
    const cause: unknown = signal.aborted ? signal.reason : error;
    guard.stop(cause);
    const packKeys = writer.begunIds.flatMap((id) => [packKey(place, id), packIndexKey(place, id)]);
    for (const begun of [key, ...packKeys]) await storage.remove(begun).catch(() => undefined);
    throw cause;
  } finally {
    clearInterval(timer);
    guard.release();
  }
}

interface Moved {
  doneBytes: number;
  totalBytes: number | null;
  /** Rises with everything that happens. */
  steps: number;
}

async function copy(
  order: CopyMediaOrder,
  { moved, signal, key, writer }: { moved: Moved; signal: AbortSignal; key: string; writer: PackWriter },
): Promise<CopiedMedia> {
  signal.throwIfAborted();
  const { source } = order;
  const takenAt = new Date();
  const media = await source.open({ signal, onStep: () => (moved.steps += 1) });
  moved.totalBytes = media.bytes;
  const manifest = new ManifestWriter(order.storage, key, signal);
  try {
    const contents = new ContentStore(writer, order.knownHashes);
    const onBytes = (bytes: number) => {
      moved.doneBytes += bytes;
      moved.steps += 1;
    };
    const recorder = new EntryRecorder({ source, contents, manifest, signal, onBytes });
    for await (const walked of media.walk()) {
      signal.throwIfAborted();
      moved.steps += 1;
      await recorder.add(walked);
    }
    await recorder.flush();
    media.requireSame();
    await writer.close();
    const written = await manifest.end();
    moved.totalBytes = moved.doneBytes;
    const packed = writer.packs.reduce((sum, pack) => sum + pack.size + pack.indexSize, 0);
    return {
      manifest: { key, ...written },
      size: recorder.size,
      files: recorder.files,
      entries: manifest.entries,
      packs: writer.packs,
      reusedPacks: [...contents.reused],
      storedSize: packed + written.size,
      takenAt,
      warnings: recorder.warnings.findings(),
    };
  } catch (error: unknown) {
    // What is being written has to end before it can be removed.
    await Promise.all([manifest.abandon(error), writer.abandon(error)]);
    throw error;
  } finally {
    media.close();
  }
}
