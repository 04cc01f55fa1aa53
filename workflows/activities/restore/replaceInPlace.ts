import { type Finding, type SwitchJournal } from '#schema/domain';
import { Restore } from '#schema/entities';
import { restoreInPlace } from '../../engines/postgres/restore/restoreInPlace.js';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';
import { destinationDatabase, serverOf } from './destinationDatabase.js';
import type { RestoreScene } from './inRestoreStep.js';
import { recordedTables } from './recordedTables.js';
import { wasCommittedInPlace } from './wasCommittedInPlace.js';
import { withDumpFile } from './withDumpFile.js';

/**
 * Puts the dump in place of what the live database holds, in one transaction, unless an earlier attempt has; answers with
 * what could not be carried over. The transaction is written down before it is committed.
 */
export async function replaceInPlace(
  tools: WorkerTools,
  scene: RestoreScene,
  { mayAct, signal }: { mayAct: () => Promise<void>; signal: AbortSignal },
): Promise<Finding[]> {
  const { restore, environment, source, mark, onShare } = scene;
  if (await wasCommittedInPlace(tools, restore, environment, signal)) return [];
  const part = source.database;
  if (!part) throw new StepProblem('BACKUP_GONE', 'The backup does not hold the database');
  const address = destinationDatabase(tools, environment);
  const place = { server: serverOf(address), live: address.database };
  let known = restore.journal;
  return withDumpFile(tools, part, signal, async (file) => {
    const { warnings } = await restoreInPlace({
      address,
      tools: tools.postgresTools,
      allowNewerTools: tools.allowNewerTools,
      file,
      expected: recordedTables(tools, part, signal),
      nice: tools.nice,
      applicationName: `holdfast ${restore.id.slice(0, 8)} ${mark.slice(-12)}`,
      mayAct,
      onCommitting: async (number) => {
        known = await note(tools, scene, known, number, place);
      },
      signal,
      stallMs: tools.stallMs,
      onProgress: ({ doneBytes, totalBytes }) => onShare(totalBytes ? doneBytes / totalBytes : 0),
    });
    return warnings;
  });
}

/** Only over what this attempt has read: who does not know of another’s transaction may not commit its own. */
async function note(
  { catalogue }: WorkerTools,
  { restore, runId }: RestoreScene,
  known: SwitchJournal | null,
  number: string,
  place: { server: string; live: string },
): Promise<SwitchJournal> {
  if (!known) throw new StepProblem('INTERNAL', 'What is to be switched was not written down');
  const journal: SwitchJournal = { ...known, transaction: { ...place, number } };
  const { affected } = await catalogue
    .createQueryBuilder()
    .update(Restore)
    .set({ journal })
    .where(
      `id = :id AND run_id = :runId AND status = 'RUNNING' AND progress_phase = 'switch'
         AND journal = CAST(:known AS jsonb)`,
      { id: restore.id, runId, known: JSON.stringify(known) },
    )
    .execute();
  if (affected !== 1) throw new StepProblem('INTERNAL', 'Another run has taken this job over');
  return journal;
}
