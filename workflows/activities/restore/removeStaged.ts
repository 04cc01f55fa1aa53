import type { Environment, Restore } from '#schema/entities';
import type { WorkerTools } from '../workerTools.js';
import { destinationDatabase } from './destinationDatabase.js';
import { destinationFolder } from './destinationFolder.js';
import { dropStagedDatabases, removeStagedFolders } from './dropStaged.js';

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
  if (restore.contents.includes('MEDIA') && environment.mediaDirectory) {
    const live = await destinationFolder(tools, environment, signal);
    await removeStagedFolders(tools, live, restore.id, signal);
  }
}
