import { setTimeout as delay } from 'node:timers/promises';
import { backupStart, hasEnded, longestNote, workflowId, type RestoreStepOrder } from '#schema/domain';
import { Backup, Project, Restore, type Environment } from '#schema/entities';
import { StepProblem } from '../../engines/stepProblem.js';
import { onceCatalogueAnswers } from '../onceCatalogueAnswers.js';
import type { WorkerTools } from '../workerTools.js';
import { inRestoreStep, type RestoreScene } from './inRestoreStep.js';

const lookMs = 300;

/**
 * Has a safety backup of the destination made, a job of its own, and waits until it is sealed. Each run of the restore has
 * one: whoever retries a restore later protects what is there by then.
 */
export async function takeSafetyBackup(tools: WorkerTools, order: RestoreStepOrder): Promise<void> {
  await inRestoreStep(tools, order, 'safety', async (scene) => {
    const backup = await record(tools, scene);
    await begin(tools, backup, scene.environment);
    try {
      await untilSealed(tools, backup.id, scene);
    } catch (error: unknown) {
      // A worker that is stopped leaves it running: the next attempt waits for the same one.
      if (scene.signal.aborted && !isWorkerStop(scene.signal)) await stop(tools, backup.id);
      throw error;
    }
  });
}

async function record(tools: WorkerTools, { restore, runId }: RestoreScene): Promise<Backup> {
  return onceCatalogueAnswers(() =>
    tools.catalogue.transaction(async (manager) => {
      const backups = manager.getRepository(Backup);
      const known = await backups.findOneBy({ protectsRestoreId: restore.id, protectsRun: runId });
      if (known) return known;
      const { id } = await backups.save(
        backups.create({
          projectId: restore.projectId,
          environmentId: restore.environmentId,
          kind: 'SAFETY',
          contents: restore.contents,
          note: [...`Before the restore of ${restore.sourceDescription}`].slice(0, longestNote).join(''),
          requestedById: restore.requestedById,
          protectsRestoreId: restore.id,
          protectsRun: runId,
          warnings: [],
        }),
      );
      await manager.update(Restore, restore.id, { safetyBackupId: id });
      return backups.findOneByOrFail({ id });
    }),
  );
}

async function begin(tools: WorkerTools, backup: Backup, environment: Environment): Promise<void> {
  if (hasEnded(backup.status)) return;
  const project = await tools.catalogue.getRepository(Project).findOneByOrFail({ id: backup.projectId });
  const { id, contents, requestedById, kind } = backup;
  const facts = { id, contents, requestedById, kind, project, environment };
  // Where Temporal does not take it now, the reconciler starts it.
  await tools.jobs.start(backupStart(facts, tools.publicUrl)).catch((error: unknown) => {
    tools.log.warn({ backup: id, error: String(error) }, 'could not start a safety backup now');
  });
}

async function untilSealed(tools: WorkerTools, id: string, { signal, onShare }: RestoreScene): Promise<void> {
  const backups = tools.catalogue.getRepository(Backup);
  for (;;) {
    signal.throwIfAborted();
    const backup = await onceCatalogueAnswers(() => backups.findOneBy({ id }));
    if (!backup) throw new StepProblem('SAFETY_BACKUP_FAILED', 'The safety backup was deleted');
    if (backup.status === 'SUCCEEDED') return;
    if (hasEnded(backup.status)) {
      const why = backup.failure?.message ?? 'It was cancelled.';
      throw new StepProblem('SAFETY_BACKUP_FAILED', `The destination was not touched. ${why}`, {
        remedy: 'Mend that and retry, or restore without a safety backup.',
      });
    }
    onShare(backup.progress.fraction ?? 0);
    await delay(lookMs, undefined, { signal });
  }
}

/** Its own clean-up goes on by itself. */
async function stop(tools: WorkerTools, id: string): Promise<void> {
  await tools.catalogue.query(
    `UPDATE backups SET cancel_requested_at = clock_timestamp() WHERE id = $1 AND status IN ('QUEUED', 'RUNNING')`,
    [id],
  );
  await tools.jobs.cancel(workflowId.backup(id)).catch(() => undefined);
}

function isWorkerStop(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return reason instanceof Error && reason.message === 'WORKER_SHUTDOWN';
}
