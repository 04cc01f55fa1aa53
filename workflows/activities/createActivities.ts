import type {
  BackupBookkeeping,
  BackupSteps,
  EnvironmentChecks,
  RestoreBookkeeping,
  RestoreSteps,
} from '../durable/ports.js';
import { awaitRestore } from './awaitRestore.js';
import { claimBackup } from './claimBackup.js';
import { cleanUpBackup } from './cleanUpBackup.js';
import { copyMedia } from './copyMedia.js';
import { dumpDatabase } from './dumpDatabase.js';
import { inspectEnvironment } from './inspectEnvironment.js';
import { awaitDestination } from './restore/awaitDestination.js';
import { claimRestore } from './restore/claimRestore.js';
import { cleanUpRestore } from './restore/cleanUpRestore.js';
import { stageDatabase } from './restore/stageDatabase.js';
import { stageMedia } from './restore/stageMedia.js';
import { surveyDestination } from './restore/surveyDestination.js';
import { switchOver } from './restore/switchOver.js';
import { takeSafetyBackup } from './restore/takeSafetyBackup.js';
import { verifySource } from './restore/verifySource.js';
import { sealBackup } from './sealBackup.js';
import { whileAlive } from './whileAlive.js';
import type { WorkerTools } from './workerTools.js';

/** The short activities, made from the worker’s tools. */
export function createBookkeeping(
  tools: WorkerTools,
): BackupBookkeeping & RestoreBookkeeping & EnvironmentChecks {
  return {
    claimBackup: (order) => whileAlive(() => claimBackup(tools, order)),
    awaitRestore: (order) => whileAlive(() => awaitRestore(tools, order)),
    cleanUpBackup: (order) => whileAlive(() => cleanUpBackup(tools, order)),
    claimRestore: (order) => whileAlive(() => claimRestore(tools, order)),
    takeSafetyBackup: (order) => takeSafetyBackup(tools, order),
    cleanUpRestore: (order) => whileAlive(() => cleanUpRestore(tools, order)),
    inspectEnvironment: (order) => inspectEnvironment(tools, order),
    surveyDestination: (order) => surveyDestination(tools, order),
  };
}

/** The long activities, made from the worker’s tools. */
export function createSteps(tools: WorkerTools): BackupSteps & RestoreSteps {
  return {
    dumpDatabase: (order) => dumpDatabase(tools, order),
    copyMedia: (order) => copyMedia(tools, order),
    sealBackup: (order) => sealBackup(tools, order),
    awaitDestination: (order) => awaitDestination(tools, order),
    verifySource: (order) => verifySource(tools, order),
    stageDatabase: (order) => stageDatabase(tools, order),
    stageMedia: (order) => stageMedia(tools, order),
    switchOver: (order) => switchOver(tools, order),
  };
}
