import { cancellationSignal } from '@temporalio/activity';
import { setTimeout as delay } from 'node:timers/promises';
import type { CreateBackupOrder } from '#schema/domain';
import { Backup } from '#schema/entities';
import { canceledByPerson, runOfThisActivity } from '../attemptStep.js';
import { restoreUnderWay } from './backupRow.js';
import { enterPhase, isCanceled } from '../jobRow.js';
import { onceCatalogueAnswers } from '../onceCatalogueAnswers.js';
import type { WorkerTools } from '../workerTools.js';

const lookMs = 1_000;
const looks = 240;

/** Waits some minutes for the restore of the backup’s environment; answers whether it has to be waited for still. */
export async function awaitRestore(tools: WorkerTools, { backupId }: CreateBackupOrder): Promise<boolean> {
  await enterPhase(tools.catalogue, { table: 'backups', id: backupId }, runOfThisActivity(), 'waiting');
  for (let look = 0; look < looks; look += 1) {
    const free = await onceCatalogueAnswers(() =>
      tools.catalogue.transaction(async (manager) => {
        const backup = await manager.findOneByOrFail(Backup, { id: backupId });
        if (isCanceled(backup)) throw canceledByPerson();
        if ((await restoreUnderWay(manager, backup)) !== null) return false;
        // Under the lock: a restore that begins now waits for this backup.
        await manager.query(
          `UPDATE backups SET progress_phase = 'starting' WHERE id = $1 AND run_id = $2 AND status = 'RUNNING' AND progress_phase = 'waiting'`,
          [backupId, runOfThisActivity()],
        );
        return true;
      }),
    );
    if (free) return false;
    await delay(lookMs, undefined, { signal: cancellationSignal() });
  }
  return true;
}
