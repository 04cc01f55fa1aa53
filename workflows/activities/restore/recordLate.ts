import { Restore } from '#schema/entities';
import type { WorkerTools } from '../workerTools.js';
import { recordSwitched } from './recordSwitched.js';

/** Records the success of a restore whose run was ended after its switch was whole, but before it could say so. */
export async function recordLate(tools: WorkerTools, restore: Restore): Promise<void> {
  const { id, journal, runId } = restore;
  if (!journal || runId === null) return;
  await tools.catalogue
    .getRepository(Restore)
    .update(
      { id, runId, status: restore.status },
      { status: 'RUNNING', failure: null, finishedAt: null, progress: { phase: 'switch' } },
    );
  await recordSwitched(tools, { restore, journal, runId }, []);
}
