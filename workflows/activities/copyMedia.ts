import type { StepOrder, StepResult } from '#schema/domain';
import { Pack } from '#schema/entities';
import { copyMedia as copy } from '../engines/media/copyMedia.js';
import { inStep } from './inStep.js';
import { mediaSource } from './mediaSource.js';
import { onceCatalogueAnswers } from './onceCatalogueAnswers.js';
import type { WorkerTools } from './workerTools.js';

/** Packs the environment’s media files into storage, with a manifest. */
export async function copyMedia(tools: WorkerTools, order: StepOrder): Promise<StepResult> {
  return inStep(
    tools,
    { ...order, step: 'media' },
    async ({ backup, environment, mark, signal, onProgress }) => {
      const source = await mediaSource(tools, environment);
      const packs = tools.catalogue.getRepository(Pack);
      onProgress(order.doneBytes, null);
      let sourceBytes = 0;
      const copied = await copy({
        source,
        storage: tools.storage,
        place: backup,
        backupId: backup.id,
        mark,
        // The catalogue knows a pack before storage does, so that no object is ever unexplained.
        onPack: async (id) => {
          const row = { id, environmentId: environment.id, writingBackupId: backup.id, storedSize: null };
          await onceCatalogueAnswers(() => packs.upsert(row, ['id']));
        },
        signal,
        stallMs: tools.stallMs,
        onProgress: ({ doneBytes, totalBytes }) => {
          sourceBytes = Math.max(sourceBytes, doneBytes);
          onProgress(order.doneBytes + doneBytes, totalBytes === null ? null : order.doneBytes + totalBytes);
        },
      });
      for (const { id, size } of copied.packs) {
        await onceCatalogueAnswers(() => packs.update(id, { storedSize: size }));
      }
      return {
        part: {
          content: 'MEDIA',
          key: copied.manifest.key,
          size: copied.size,
          sha256: copied.manifest.sha256,
          files: copied.files,
          entries: copied.entries,
          packs: copied.packs.map(({ id }) => id),
        },
        storedSize: copied.storedSize,
        sourceBytes,
        takenAt: copied.takenAt.toISOString(),
        warnings: copied.warnings,
      };
    },
  );
}
