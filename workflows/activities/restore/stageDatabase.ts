import { createHash } from 'node:crypto';
import type { DatabaseAddress } from '#schema/catalogue';
import type { RestoreStepOrder, StagedDatabaseResult } from '#schema/domain';
import { surveyDestination } from '../../engines/postgres/restore/surveyDestination.js';
import { stageDatabase as stage } from '../../engines/postgres/restore/stageDatabase.js';
import { stagedNameOf } from '../../engines/postgres/restore/names.js';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';
import { destinationDatabase } from './destinationDatabase.js';
import { dropStagedDatabases } from './dropStaged.js';
import { inRestoreStep } from './inRestoreStep.js';
import { recordedTables } from './recordedTables.js';
import { withDumpFile } from './withDumpFile.js';

const jobs = 2;

/** Restores the dump into a fresh database beside the live one, compares it with what was recorded, and analyses it. */
export async function stageDatabase(
  tools: WorkerTools,
  order: RestoreStepOrder,
): Promise<StagedDatabaseResult> {
  return inRestoreStep(tools, order, 'database', async (scene) => {
    const { restore, environment, source, signal, mark, onShare } = scene;
    const part = source.database;
    if (!part) throw new StepProblem('BACKUP_GONE', 'The backup does not hold the database');
    const address = destinationDatabase(tools, environment);
    if (await mustBeInPlace(tools, address, signal)) return { staged: null, warnings: [] };
    await dropStagedDatabases(address, restore.id, signal);
    return withDumpFile(tools, part, signal, async (file) => {
      const { name, oid, warnings } = await stage({
        address,
        tools: tools.postgresTools,
        allowNewerTools: tools.allowNewerTools,
        file,
        stagedName: stagedNameOf(address.database, restore.id, shortMark(mark)),
        expected: recordedTables(tools, part, signal),
        jobs,
        nice: tools.nice,
        applicationName: `holdfast ${restore.id.slice(0, 8)} ${mark.slice(-12)}`,
        signal,
        stallMs: tools.stallMs,
        onProgress: ({ doneBytes, totalBytes }) => onShare(totalBytes ? doneBytes / totalBytes : 0),
      });
      return { staged: { name, oid }, warnings };
    });
  });
}

/** Whether the role may replace what is in the database, but not the database itself. */
async function mustBeInPlace(
  { postgresTools: tools }: WorkerTools,
  address: DatabaseAddress,
  signal: AbortSignal,
): Promise<boolean> {
  const { exists, role, mayCreateDatabases, ownsDatabase } = await surveyDestination({
    address,
    tools,
    signal,
  });
  if (exists) return !mayCreateDatabases || !ownsDatabase;
  if (mayCreateDatabases) return false;
  throw new StepProblem(
    'DATABASE_PERMISSION',
    `The database “${address.database}” is not there, and the role “${role}” may not make it`,
    { remedy: 'Make the database, or let the role create databases (ALTER ROLE … CREATEDB), then retry.' },
  );
}

/** Names of databases are short. */
function shortMark(mark: string): string {
  return createHash('sha256').update(mark).digest('hex').slice(0, 6);
}
