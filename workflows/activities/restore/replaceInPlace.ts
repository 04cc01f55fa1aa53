import type { Finding } from '#schema/domain';
import { restoreInPlace } from '../../engines/postgres/restore/restoreInPlace.js';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';
import { destinationDatabase } from './destinationDatabase.js';
import type { RestoreScene } from './inRestoreStep.js';
import { recordedTables } from './recordedTables.js';
import { withDumpFile } from './withDumpFile.js';

/** Puts the dump in place of what the live database holds, in one transaction; answers with what could not be carried over. */
export async function replaceInPlace(tools: WorkerTools, scene: RestoreScene): Promise<Finding[]> {
  const { restore, environment, source, signal, mark, onShare } = scene;
  const part = source.database;
  if (!part) throw new StepProblem('BACKUP_GONE', 'The backup does not hold the database');
  return withDumpFile(tools, part, signal, async (file) => {
    const { warnings } = await restoreInPlace({
      address: destinationDatabase(tools, environment),
      tools: tools.postgresTools,
      allowNewerTools: tools.allowNewerTools,
      file,
      expected: recordedTables(tools, part, signal),
      nice: tools.nice,
      applicationName: `holdfast ${restore.id.slice(0, 8)} ${mark.slice(-12)}`,
      signal,
      stallMs: tools.stallMs,
      onProgress: ({ doneBytes, totalBytes }) => onShare(totalBytes ? doneBytes / totalBytes : 0),
    });
    return warnings;
  });
}
