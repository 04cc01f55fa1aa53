import type {
  BackupClaim,
  CheckEnvironmentOrder,
  CheckEnvironmentOutcome,
  CreateBackupOrder,
  CreateBackupOutcome,
  DestinationTurn,
  DownloadClaim,
  DownloadStepOrder,
  MailDownloadOrder,
  MailDownloadOutcome,
  PrepareDownloadOrder,
  PrepareDownloadOutcome,
  PreparedFile,
  RecordDownloadOrder,
  RestoreBackupOrder,
  RestoreBackupOutcome,
  RestoreClaim,
  RestoreStepOrder,
  RestoreSurvey,
  SealOrder,
  SettleDownloadOrder,
  SettleOrder,
  SettleRestoreOrder,
  StagedDatabaseResult,
  StagedMediaResult,
  StepOrder,
  StepResult,
  SurveyRestoreOrder,
  SwitchOrder,
} from '#schema/domain';

/** Short activities that keep the job’s row; they are repeated until the catalogue answers. */
export interface BackupBookkeeping {
  /** Takes the row for this run and answers what is to be done. */
  claimBackup(order: CreateBackupOrder): Promise<BackupClaim>;
  /** Waits some minutes for the restore of the environment that is under way; whether it has to be waited for still. */
  awaitRestore(order: CreateBackupOrder): Promise<boolean>;
  /** Removes what the run made and records how it ended; the undo of every step. */
  cleanUpBackup(order: SettleOrder): Promise<void>;
}

/** Long activities: they move bytes. */
export interface BackupSteps {
  dumpDatabase(order: StepOrder): Promise<StepResult>;
  copyMedia(order: StepOrder): Promise<StepResult>;
  sealBackup(order: SealOrder): Promise<CreateBackupOutcome>;
}

/** Short activities that keep a restore’s row, and its safety backup, which is a job of its own. */
export interface RestoreBookkeeping {
  /** Takes the row for this run and answers what is to be done. */
  claimRestore(order: RestoreBackupOrder): Promise<RestoreClaim>;
  /** Has a safety backup of the destination made, and waits for it. */
  takeSafetyBackup(order: RestoreStepOrder): Promise<void>;
  /** Puts back what was begun and records how it ended; the undo of every step. Answers where all had been done. */
  cleanUpRestore(order: SettleRestoreOrder): Promise<RestoreBackupOutcome | null>;
}

/** Long activities of a restore. */
export interface RestoreSteps {
  /** Takes back a switch that an earlier run began, then looks whether backups of the destination are under way. */
  awaitDestination(order: RestoreStepOrder): Promise<DestinationTurn>;
  /** Compares the stored bytes with their hashes. */
  verifySource(order: RestoreStepOrder): Promise<void>;
  stageDatabase(order: RestoreStepOrder): Promise<StagedDatabaseResult>;
  stageMedia(order: RestoreStepOrder): Promise<StagedMediaResult>;
  /** Swaps the names; from here on nothing is cancelled. */
  switchOver(order: SwitchOrder): Promise<RestoreBackupOutcome>;
}

/** Short activities that keep a download’s row. */
export interface DownloadBookkeeping {
  /** Takes the row for this run and answers what is to be done. */
  claimDownload(order: PrepareDownloadOrder): Promise<DownloadClaim>;
  /** Removes what the run made and records how it ended; the undo of every step. Answers where all had been done. */
  cleanUpDownload(order: SettleDownloadOrder): Promise<PrepareDownloadOutcome | null>;
}

/** Long activities of a download. */
export interface DownloadSteps {
  /** Writes the media as one archive. */
  archiveMedia(order: DownloadStepOrder): Promise<PreparedFile>;
}

/** Its steps that move no bytes. */
export interface QuickDownloadSteps {
  /** Finds the stored dump, which is the file as it is. */
  locateDump(order: DownloadStepOrder): Promise<PreparedFile>;
  /** Records the files, and with them the success; then has the mails sent. */
  recordDownload(order: RecordDownloadOrder): Promise<PrepareDownloadOutcome>;
}

/** Mails about downloads. */
export interface DownloadMails {
  /** Sends one mail, at most once. */
  sendDownloadMail(order: MailDownloadOrder): Promise<MailDownloadOutcome>;
}

/** Looking without touching. */
export interface EnvironmentChecks {
  inspectEnvironment(order: CheckEnvironmentOrder): Promise<CheckEnvironmentOutcome>;
  surveyDestination(order: SurveyRestoreOrder): Promise<RestoreSurvey>;
}
