import { databaseUrlPlace, parseDatabaseUrl, type DatabaseAddress } from '#schema/catalogue';
import type { DatabaseSwitch } from '#schema/domain';
import type { Environment } from '#schema/entities';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';

/** Where the destination’s database is; throws where none is configured any more. */
export function destinationDatabase(tools: WorkerTools, environment: Environment): DatabaseAddress {
  const { id, databaseUrlSealed } = environment;
  if (databaseUrlSealed)
    return parseDatabaseUrl(tools.secretBox.open(databaseUrlSealed, databaseUrlPlace(id)));
  throw new StepProblem('DATABASE_AUTHENTICATION', 'The destination has no database configured any more', {
    remedy: 'Give its address in the environment’s settings, then retry.',
  });
}

/** Which server, as the journal of a switch names it. */
export function serverOf({ host, port }: DatabaseAddress): string {
  return `${host}:${port}`;
}

/** Whether the journal of a switch speaks of the database at this address. */
export function isSameDatabase(
  address: DatabaseAddress,
  { server, live }: Pick<DatabaseSwitch, 'server' | 'live'>,
): boolean {
  return serverOf(address) === server && address.database === live;
}
