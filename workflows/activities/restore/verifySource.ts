import { createHash } from 'node:crypto';
import type { DatabasePartDocument, RestoreStepOrder } from '#schema/domain';
import { guardAgainstStall } from '../../engines/stallGuard.js';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';
import { inRestoreStep } from './inRestoreStep.js';
import { tendMedia } from './tendMedia.js';

/**
 * Compares what is stored with what was recorded, before anything else is done: the dump byte by byte, of media the manifest
 * and that every pack is there. Each media file is compared when it is staged, which is before the switch as well.
 */
export async function verifySource(tools: WorkerTools, order: RestoreStepOrder): Promise<void> {
  await inRestoreStep(tools, order, 'verify', async ({ source, signal, onShare }) => {
    const { place, database, media } = source;
    if (media && place) {
      await tendMedia(tools, { do: 'verify', place, part: media, stallMs: tools.stallMs }, signal);
    }
    if (database) await verifyDump(tools, database, signal, onShare);
  });
}

async function verifyDump(
  { storage, stallMs }: WorkerTools,
  part: DatabasePartDocument,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<void> {
  let bytes = 0;
  const what = 'Reading the stored dump';
  const guard = guardAgainstStall({ signal, stallMs, what, position: () => bytes });
  try {
    const stored = await storage.read(part.key);
    if (!stored) throw new StepProblem('BACKUP_DAMAGED', 'The stored dump is gone');
    const stop = () => void stored.destroy(guard.signal.reason as Error);
    guard.signal.addEventListener('abort', stop, { once: true });
    if (guard.signal.aborted) stop();
    const hash = createHash('sha256');
    for await (const chunk of stored as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      onShare(part.size === 0 ? 1 : bytes / part.size);
    }
    if (bytes !== part.size || hash.digest('hex') !== part.sha256) {
      throw new StepProblem(
        'BACKUP_DAMAGED',
        bytes === part.size
          ? 'The stored dump is not what was written: its SHA-256 differs'
          : `The stored dump has ${bytes} bytes, not ${part.size}`,
      );
    }
  } finally {
    guard.release();
  }
}
