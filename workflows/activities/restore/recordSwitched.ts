import { keepsReplaced, type Finding, type RestoreBackupOutcome, type SwitchJournal } from '#schema/domain';
import { Restore } from '#schema/entities';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';

/** Records that the destination has been switched; what was replaced is kept from now on for the undo period. */
export async function recordSwitched(
  tools: WorkerTools,
  { restore, journal, runId }: { restore: Restore; journal: SwitchJournal; runId: string },
  warnings: Finding[],
): Promise<RestoreBackupOutcome> {
  await tools.catalogue.transaction(async (manager) => {
    const { affected } = await manager
      .createQueryBuilder()
      .update(Restore)
      .set({
        status: 'SUCCEEDED',
        switchedAt: () => 'clock_timestamp()',
        // Where not all of it is there, the rest goes at once.
        undoUntil: new Date(Date.now() + (keepsReplaced(journal) ? tools.undoMs : 0)),
        warnings,
        finishedAt: () => 'clock_timestamp()',
        progress: {
          fraction: 1,
          secondsLeft: 0,
          doneBytes: () => 'COALESCE(progress_total_bytes, progress_done_bytes)',
        },
      })
      .where(`id = :id AND run_id = :runId AND status = 'RUNNING' AND progress_phase <> 'cleaning'`, {
        id: restore.id,
        runId,
      })
      .execute();
    if (affected !== 1) throw new StepProblem('INTERNAL', 'Another run has taken this job over');
    // What the undone restore kept is in use again.
    if (restore.way === 'SWITCH_BACK' && restore.undoesId) {
      await manager.update(Restore, restore.undoesId, { replacedDroppedAt: new Date(), undoUntil: null });
    }
  });
  return { restoreId: restore.id, status: 'SUCCEEDED' };
}
