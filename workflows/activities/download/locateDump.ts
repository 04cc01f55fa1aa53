import type { DatabasePartDocument, DownloadStepOrder, PreparedFile } from '#schema/domain';
import { StepProblem } from '../../engines/stepProblem.js';
import type { Storage } from '../../engines/storage/storage.js';
import { unlessStorageHangs } from '../../engines/storage/unlessStorageHangs.js';
import type { WorkerTools } from '../workerTools.js';
import { inDownloadStep } from './inDownloadStep.js';

/** Finds the stored dump: it is exactly what is wanted, so nothing is copied. */
export async function locateDump(tools: WorkerTools, order: DownloadStepOrder): Promise<PreparedFile> {
  return inDownloadStep(tools, order, 'database', async ({ source, nameOf, onShare }) => {
    const part = source.database;
    if (!part) throw new StepProblem('BACKUP_GONE', 'The backup does not hold the database');
    await unlessStorageHangs(tools.storage, tools.stallMs, (storage) => requireDump(storage, part));
    onShare(1);
    const { key, size, sha256 } = part;
    return { content: 'DATABASE', name: nameOf('DATABASE'), key, size, sha256 };
  });
}

/** Throws BACKUP_DAMAGED where the dump is not in storage, whole. */
export async function requireDump(
  storage: Storage,
  { key, size }: Pick<DatabasePartDocument, 'key' | 'size'>,
): Promise<void> {
  const stored = await storage.stat(key);
  if (!stored) throw new StepProblem('BACKUP_DAMAGED', 'The stored dump is gone');
  if (stored.size !== size) {
    throw new StepProblem('BACKUP_DAMAGED', `The stored dump has ${stored.size} bytes, not ${size}`);
  }
}
