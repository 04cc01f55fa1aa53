import type {
  BackupBookkeeping,
  BackupSteps,
  DownloadBookkeeping,
  DownloadMails,
  DownloadSteps,
  EnvironmentChecks,
  QuickDownloadSteps,
  RestoreBookkeeping,
  RestoreSteps,
} from '../durable/ports.js';
import { awaitRestore } from './backup/awaitRestore.js';
import { claimBackup } from './backup/claimBackup.js';
import { cleanUpBackup } from './backup/cleanUpBackup.js';
import { copyMedia } from './backup/copyMedia.js';
import { dumpDatabase } from './backup/dumpDatabase.js';
import { archiveMedia } from './download/archiveMedia.js';
import { claimDownload } from './download/claimDownload.js';
import { cleanUpDownload } from './download/cleanUpDownload.js';
import { locateDump } from './download/locateDump.js';
import { recordDownload } from './download/recordDownload.js';
import { inspectEnvironment } from './inspectEnvironment.js';
import type { MailTools } from './mail/mailTools.js';
import { sendDownloadMail } from './mail/sendDownloadMail.js';
import { awaitDestination } from './restore/awaitDestination.js';
import { claimRestore } from './restore/claimRestore.js';
import { cleanUpRestore } from './restore/cleanUpRestore.js';
import { stageDatabase } from './restore/stageDatabase.js';
import { stageMedia } from './restore/stageMedia.js';
import { surveyDestination } from './restore/surveyDestination.js';
import { switchOver } from './restore/switchOver.js';
import { takeSafetyBackup } from './restore/takeSafetyBackup.js';
import { verifySource } from './restore/verifySource.js';
import { sealBackup } from './backup/sealBackup.js';
import { whileAlive } from './whileAlive.js';
import type { WorkerTools } from './workerTools.js';

/** The short activities, made from the worker’s tools. */
export function createBookkeeping(
  tools: WorkerTools & MailTools,
): BackupBookkeeping &
  RestoreBookkeeping &
  DownloadBookkeeping &
  QuickDownloadSteps &
  DownloadMails &
  EnvironmentChecks {
  return {
    claimBackup: (order) => whileAlive(() => claimBackup(tools, order)),
    awaitRestore: (order) => whileAlive(() => awaitRestore(tools, order)),
    cleanUpBackup: (order) => whileAlive(() => cleanUpBackup(tools, order)),
    claimRestore: (order) => whileAlive(() => claimRestore(tools, order)),
    takeSafetyBackup: (order) => takeSafetyBackup(tools, order),
    cleanUpRestore: (order) => whileAlive(() => cleanUpRestore(tools, order)),
    claimDownload: (order) => whileAlive(() => claimDownload(tools, order)),
    locateDump: (order) => locateDump(tools, order),
    recordDownload: (order) => whileAlive(() => recordDownload(tools, order)),
    sendDownloadMail: (order) => sendDownloadMail(tools, order),
    cleanUpDownload: (order) => whileAlive(() => cleanUpDownload(tools, order)),
    inspectEnvironment: (order) => inspectEnvironment(tools, order),
    surveyDestination: (order) => surveyDestination(tools, order),
  };
}

/** The long activities, made from the worker’s tools. */
export function createSteps(tools: WorkerTools): BackupSteps & RestoreSteps & DownloadSteps {
  return {
    dumpDatabase: (order) => dumpDatabase(tools, order),
    copyMedia: (order) => copyMedia(tools, order),
    sealBackup: (order) => sealBackup(tools, order),
    awaitDestination: (order) => awaitDestination(tools, order),
    verifySource: (order) => verifySource(tools, order),
    stageDatabase: (order) => stageDatabase(tools, order),
    stageMedia: (order) => stageMedia(tools, order),
    switchOver: (order) => switchOver(tools, order),
    archiveMedia: (order) => archiveMedia(tools, order),
  };
}
