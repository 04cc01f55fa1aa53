import type { StepOrder, StepResult } from '#schema/domain';
import { copyInThread } from '../../engines/media/copyInThread.js';
import { inStep } from './inStep.js';
import { mediaPlace } from '../mediaPlace.js';
import { PackRecords } from './packRecords.js';
import type { WorkerTools } from '../workerTools.js';

/** Copies the environment’s media into storage: packs of what is new, a manifest, and a list for the next backup. */
export async function copyMedia(tools: WorkerTools, order: StepOrder): Promise<StepResult> {
  return inStep(
    tools,
    { ...order, step: 'media' },
    async ({ backup, environment, mark, signal, onProgress }) => {
      const records = new PackRecords(tools, backup);
      onProgress(order.doneBytes, null);
      const ownPacks = await records.own();
      const previous = await records.previous();
      let sourceBytes = 0;
      const copied = await copyInThread({
        media: await mediaPlace(tools, environment),
        pace: tools.sourcePace,
        storage: tools.storage,
        place: backup,
        backupId: backup.id,
        mark,
        previous,
        ownPacks,
        readSinceMs: Date.now() - tools.mediaRereadMs,
        ...((await records.knowsAny()) && { knownHashes: (sha256: string[]) => records.known(sha256) }),
        onPack: (id) => records.begun(id),
        onPackDone: (pack) => records.done(pack),
        readBack: backup.kind === 'SAFETY',
        signal,
        stallMs: tools.stallMs,
        onProgress: ({ doneBytes, totalBytes }) => {
          sourceBytes = Math.max(sourceBytes, doneBytes);
          onProgress(order.doneBytes + doneBytes, totalBytes === null ? null : order.doneBytes + totalBytes);
        },
      });
      return {
        part: {
          content: 'MEDIA',
          key: copied.manifest.key,
          size: copied.size,
          sha256: copied.manifest.sha256,
          files: copied.files,
          entries: copied.entries,
          packs: [...copied.packs.map(({ id }) => id), ...copied.reusedPacks].sort(),
          scan: { key: copied.scan.key, sha256: copied.scan.sha256 },
        },
        storedSize: copied.storedSize,
        sourceBytes,
        takenAt: copied.takenAt.toISOString(),
        warnings: copied.warnings,
      };
    },
  );
}
