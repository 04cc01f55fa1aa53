import { In, type EntityManager } from 'typeorm';
import { minuteInWords, refusals, sourceInWords, type RestoreWay } from '#schema/domain';
import { Backup, Environment, Restore } from '#schema/entities';
import { refuseUnless } from '../access/refuseUnless.js';
import type { Context } from '../graph/context.js';
import { createLoaders } from '../graph/loaders.js';
import { Refused } from '../graph/payload.js';
import { startOfJob } from '../jobs/startOfJob.js';
import { howToUndo } from './howToUndo.js';
import { onePerDestination } from './onePerDestination.js';
import { slugsOf } from './slugsOf.js';

/**
 * Takes a request to undo a restore, which is a restore itself: one that switches back to what was replaced, or, once
 * that is gone, one from the safety backup.
 */
export async function undoRestore(context: Context, id: string): Promise<Restore> {
  const restore = await context.access.restore(id);
  if (!restore) throw new Refused(refusals.notFound('Restore', ['id']));
  await refuseUnless(context, restore.projectId, 'undoRestore');
  if (restore.status !== 'SUCCEEDED') throw new Refused(refusals.notRestored());
  const { user } = context.signedIn();
  const undo = await onePerDestination(context.catalogue, restore.environmentId, ['id'], () =>
    context.catalogue.transaction(async (manager) => {
      await refuseUnfit(manager, restore);
      // Asked anew, after no other was under way: whatever switches from here on finds the new row in its way.
      const now = await manager.findOneByOrFail(Restore, { id: restore.id });
      const way = await howToUndo(now, createLoaders(manager));
      if (!way) throw new Refused(refusals.cannotUndo());
      const row = manager.create(Restore, {
        projectId: restore.projectId,
        environmentId: restore.environmentId,
        requestedById: user.id,
        contents: restore.contents,
        sourceBackupId: restore.safetyBackupId,
        sourceDescription: await sourceOf(context, manager, restore, way),
        way,
        wantsSafetyBackup: way === 'BACKUP',
        undoesId: restore.id,
        warnings: [],
      });
      return manager.findOneByOrFail(Restore, { id: (await manager.save(row)).id });
    }),
  );
  context.tools.launcher.startSoon(await startOfJob(context, undo));
  return undo;
}

/** Holds the environment, so that it cannot be deleted before the row is there. */
async function refuseUnfit(manager: EntityManager, { environmentId }: Restore): Promise<void> {
  const held = await manager.findOneOrFail(Environment, {
    where: { id: environmentId },
    lock: { mode: 'pessimistic_read' },
  });
  if (held.deletedAt) throw new Refused(refusals.environmentDeleted(['id']));
  const underWay = await manager.findOneBy(Restore, { environmentId, status: In(['QUEUED', 'RUNNING']) });
  if (underWay) throw new Refused(refusals.restoreUnderWay(['id'], underWay.id));
}

async function sourceOf(
  context: Context,
  manager: EntityManager,
  restore: Restore,
  way: RestoreWay,
): Promise<string> {
  const where = await slugsOf(context, restore);
  if (way === 'SWITCH_BACK') {
    const switched = restore.finishedAt ?? restore.createdAt;
    return `what ${where} held before the restore of ${minuteInWords(switched)}`;
  }
  const safety = await manager.findOneByOrFail(Backup, { id: restore.safetyBackupId ?? '' });
  return sourceInWords(where, safety.takenAt ?? safety.createdAt, safety.note);
}
