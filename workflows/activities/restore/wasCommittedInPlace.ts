import type { Environment, Restore } from '#schema/entities';
import { becameOf } from '../../engines/postgres/restore/inPlaceTransaction.js';
import { StepProblem } from '../../engines/stepProblem.js';
import type { WorkerTools } from '../workerTools.js';
import { destinationDatabase, isSameDatabase } from './destinationDatabase.js';

/**
 * Whether what a restore puts in place of the database is there for good, by the transaction that it has written down: one
 * that is still under way is ended first. Where the server knows nothing of it any more it is taken for not done.
 */
export async function wasCommittedInPlace(
  tools: WorkerTools,
  { id, journal }: Restore,
  environment: Environment,
  signal: AbortSignal,
): Promise<boolean> {
  // None commits before it is written down.
  if (!journal?.transaction) return false;
  const address = destinationDatabase(tools, environment);
  if (!isSameDatabase(address, journal.transaction)) {
    throw new StepProblem(
      'DATABASE_RESTORE_FAILED',
      'The destination has another database than when it was replaced',
      { remedy: 'Give the environment the address that it had, then retry.' },
    );
  }
  const became = await becameOf(address, journal.transaction.number, signal, { end: true });
  if (became === 'unknown') {
    tools.log.warn({ restore: id }, 'the server has forgotten what became of a replacement in place');
  }
  return became === 'committed';
}
