import type { BackupBookkeeping, BackupSteps, EnvironmentChecks } from '../durable/ports.js';
import { claimBackup } from './claimBackup.js';
import { cleanUpBackup } from './cleanUpBackup.js';
import { copyMedia } from './copyMedia.js';
import { dumpDatabase } from './dumpDatabase.js';
import { inspectEnvironment } from './inspectEnvironment.js';
import { sealBackup } from './sealBackup.js';
import { whileAlive } from './whileAlive.js';
import type { WorkerTools } from './workerTools.js';

/** The short activities, made from the worker’s tools. */
export function createBookkeeping(tools: WorkerTools): BackupBookkeeping & EnvironmentChecks {
  return {
    claimBackup: (order) => whileAlive(() => claimBackup(tools, order)),
    cleanUpBackup: (order) => whileAlive(() => cleanUpBackup(tools, order)),
    inspectEnvironment: (order) => inspectEnvironment(tools, order),
  };
}

/** The long activities, made from the worker’s tools. */
export function createSteps(tools: WorkerTools): BackupSteps {
  return {
    dumpDatabase: (order) => dumpDatabase(tools, order),
    copyMedia: (order) => copyMedia(tools, order),
    sealBackup: (order) => sealBackup(tools, order),
  };
}
