import type {
  BackupClaim,
  CheckEnvironmentOrder,
  CheckEnvironmentOutcome,
  CreateBackupOrder,
  CreateBackupOutcome,
  SealOrder,
  SettleOrder,
  StepOrder,
  StepResult,
} from '#schema/domain';

/** Short activities that keep the job’s row; they are repeated until the catalogue answers. */
export interface BackupBookkeeping {
  /** Takes the row for this run and answers what is to be done. */
  claimBackup(order: CreateBackupOrder): Promise<BackupClaim>;
  /** Removes what the run made and records how it ended; the undo of every step. */
  cleanUpBackup(order: SettleOrder): Promise<void>;
}

/** Long activities: they move bytes. */
export interface BackupSteps {
  dumpDatabase(order: StepOrder): Promise<StepResult>;
  copyMedia(order: StepOrder): Promise<StepResult>;
  sealBackup(order: SealOrder): Promise<CreateBackupOutcome>;
}

/** Looking without touching. */
export interface EnvironmentChecks {
  inspectEnvironment(order: CheckEnvironmentOrder): Promise<CheckEnvironmentOutcome>;
}
