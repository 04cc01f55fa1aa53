import { keepsReplaced, wayToUndo, type RestoreWay } from '#schema/domain';
import type { Restore } from '#schema/entities';
import type { Loaders } from '../graph/loaders.js';

/** How this restore can be undone now; null where it cannot. Asks nothing of one that has not succeeded. */
export async function howToUndo(restore: Restore, loaders: Loaders): Promise<RestoreWay | null> {
  if (restore.status !== 'SUCCEEDED') return null;
  const environment = await loaders.environment.load(restore.environmentId);
  const safety = restore.safetyBackupId ? await loaders.backup.load(restore.safetyBackupId) : null;
  const safetyBackupUsable =
    safety?.status === 'SUCCEEDED' && restore.contents.every((content) => safety.contents.includes(content));
  return wayToUndo(
    {
      status: restore.status,
      environmentDeleted: environment?.deletedAt != null,
      replacedKept:
        restore.journal !== null && keepsReplaced(restore.journal) && restore.replacedDroppedAt === null,
      undoUntilMs: restore.undoUntil?.getTime() ?? null,
      safetyBackupUsable,
      overtaken: await loaders.overtaken.load(restore.id),
    },
    Date.now(),
  );
}
