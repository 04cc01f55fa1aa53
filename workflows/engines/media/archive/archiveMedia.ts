import { Readable } from 'node:stream';
import { orGiveUp } from '../../giveUp.js';
import { guardAgainstStall } from '../../stallGuard.js';
import { StepProblem } from '../../stepProblem.js';
import type { ArchiveLimits, ArchiveMediaOrder } from './archiveMediaOrder.js';
import { archivePieces } from './archivePieces.js';
import { weighArchive } from './weighArchive.js';

/** An archive that is whole and durable in storage. */
export interface MediaArchive {
  /** Bytes. */
  size: number;
  /** Hex SHA-256. */
  sha256: string;
}

const usualLimits: ArchiveLimits = {
  files: 200_000,
  batchBytes: 8 * 1024 * 1024,
  batchEntries: 1_024,
};
const progressMs = 250;

/**
 * Writes a backup’s media to storage as one tar: `manifest.jsonl` first, byte for byte as the backup has it, then what it
 * lists under `media/`, each folder right before what lies in it. One streaming read; each file is compared with its
 * SHA-256 on its way. What fails or is aborted leaves nothing.
 */
export async function archiveMedia(order: ArchiveMediaOrder): Promise<MediaArchive> {
  const { onProgress, stallMs } = order;
  const moved = { doneBytes: 0, totalBytes: null as number | null, steps: 0 };
  const guard = guardAgainstStall({
    signal: order.signal,
    stallMs,
    what: 'The archiving of the media',
    position: () => moved.doneBytes + moved.steps,
  });
  const { signal } = guard;
  const report = () => onProgress({ doneBytes: moved.doneBytes, totalBytes: moved.totalBytes });
  const timer = setInterval(report, progressMs);
  try {
    report();
    const archive = await orGiveUp(write({ ...order, signal }, moved), signal);
    report();
    return archive;
  } catch (error: unknown) {
    const cause: unknown = signal.aborted ? signal.reason : error;
    guard.stop(cause);
    throw cause;
  } finally {
    clearInterval(timer);
    guard.release();
  }
}

async function write(
  order: ArchiveMediaOrder,
  moved: { doneBytes: number; totalBytes: number | null; steps: number },
): Promise<MediaArchive> {
  const { storage, key, signal, limits = usualLimits } = order;
  const onStep = () => (moved.steps += 1);
  const { manifestBytes, archiveBytes } = await weighArchive(order, onStep);
  moved.totalBytes = archiveBytes;
  const source = Readable.from(archivePieces(order, manifestBytes, limits, onStep), { objectMode: false });
  const written = await storage.write(key, source, {
    signal,
    expectedBytes: archiveBytes,
    onBytes: (total) => (moved.doneBytes = total),
  });
  if (written.size !== archiveBytes) {
    throw new StepProblem(
      'STORAGE_UNREACHABLE',
      `The backup storage took ${written.size} of ${archiveBytes} bytes`,
    );
  }
  moved.doneBytes = archiveBytes;
  return written;
}
