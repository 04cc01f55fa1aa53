import type { DatabasePartDocument, Finding, RestoreSurvey } from '#schema/domain';
import type { Environment } from '#schema/entities';
import { surveyDestination } from '../../engines/postgres/restore/surveyDestination.js';
import { readArchiveFacts } from '../../engines/postgres/restore/readArchive.js';
import type { WorkerTools } from '../workerTools.js';
import { destinationDatabase } from './destinationDatabase.js';
import { withDumpStart } from './withDumpFile.js';

/** Looks what restoring a dump would meet: versions, roles, extensions, who is connected, what pins the database. */
export async function surveyDatabaseDestination(
  tools: WorkerTools,
  environment: Environment,
  part: DatabasePartDocument,
  signal: AbortSignal,
): Promise<Pick<RestoreSurvey, 'warnings' | 'blockers'>> {
  const address = destinationDatabase(tools, environment);
  const dump = await withDumpStart(tools, part, signal, (file) => readArchiveFacts({ file, signal }));
  const survey = await surveyDestination({ address, tools: tools.postgresTools, signal, dump });
  const warnings: Finding[] = [...survey.warnings];
  const blockers: Finding[] = [...survey.blockers];
  const name = address.database;
  if (!survey.exists) {
    warnings.push({
      code: 'DATABASE_MISSING',
      message: `The database “${name}” is not there: it will be made. A safety backup of it cannot be made.`,
    });
  }
  if (!survey.mayCreateDatabases || (survey.exists && !survey.ownsDatabase)) {
    warnings.push({
      code: 'IN_PLACE',
      message: `The role “${survey.role}” may not create and rename databases: the present data are replaced in place, in one transaction, and an undo takes the safety backup.`,
    });
  }
  if (survey.sessions.length > 0) {
    warnings.push({
      code: 'OPEN_SESSIONS',
      message: `${survey.sessions.length} ${survey.sessions.length === 1 ? 'session is' : 'sessions are'} open in the database: the switch ends them.`,
    });
  }
  const pins: Array<[string[], string]> = [
    [survey.preparedTransactions, 'prepared transaction'],
    [survey.replicationSlots, 'replication slot'],
    [survey.subscriptions, 'subscription'],
  ];
  for (const [names, what] of pins) {
    if (names.length === 0) continue;
    blockers.push({
      code: 'DATABASE_PINNED',
      message: `The database cannot be replaced while it has the ${what} “${names[0]}”: end or drop it first.`,
    });
  }
  return { warnings, blockers };
}
