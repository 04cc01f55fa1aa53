import type { Environment, Restore } from '#schema/entities';
import type { WorkerTools } from '../workerTools.js';
import { destinationDatabase } from './destinationDatabase.js';
import { destinationBucket } from './destinationBucket.js';
import { dropStagedDatabases, removeStagedMedia } from './dropStaged.js';

/** Removes what a restore staged at its destination and did not switch to. */
export async function removeStaged(
  tools: WorkerTools,
  restore: Restore,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  if (restore.way === 'SWITCH_BACK') return;
  if (restore.contents.includes('DATABASE') && environment.hasDatabase) {
    await dropStagedDatabases(destinationDatabase(tools, environment), restore.id, signal);
  }
  if (restore.contents.includes('MEDIA') && environment.hasMedia && !(await isBarred(tools, environment))) {
    await removeStagedMedia(tools, restore.id, environment, signal);
  }
}

/** A bucket that nobody may write to holds nothing that was staged. */
async function isBarred(tools: WorkerTools, environment: Environment): Promise<boolean> {
  return destinationBucket(tools, environment).then(
    () => false,
    () => true,
  );
}
