import type { Content, Finding } from './content.js';
import type { Failure } from './failures.js';
import type { JobKind } from './jobs.js';
import type { PartDocument } from './backupDocument.js';
import type { RestoreWay } from './restores.js';

/** The queue of workflows and of their short bookkeeping. */
export const taskQueue = 'holdfast';
/** The queue of long steps, so that they never keep bookkeeping (and with it a cancel) waiting. */
export const enginesQueue = 'holdfast-engines';

/** Workflow types: each is named after what it does, in Temporal as in the code. */
export const workflowTypes = {
  createBackup: 'createBackup',
  restoreBackup: 'restoreBackup',
  checkEnvironment: 'checkEnvironment',
  surveyRestore: 'surveyRestore',
  prepareDownload: 'prepareDownload',
  mailDownload: 'mailDownload',
} as const;

/** Workflow ids are the job’s own id behind its noun. */
export const workflowId = {
  backup: (id: string) => `backup/${id}`,
  restore: (id: string) => `restore/${id}`,
  download: (id: string) => `download/${id}`,
  /** `id` is that of the mail. */
  mail: (id: string) => `mail/${id}`,
  survey: (environmentId: string, request: string) => `survey/${environmentId}/${request}`,
  check: (environmentId: string, request: string) => `check/${environmentId}/${request}`,
} as const;

/** The job that a workflow id stands for; null where it is none of a job’s. */
export function jobIdOf(workflow: string): { kind: JobKind; id: string } | null {
  const [noun, id, ...rest] = workflow.split('/');
  if (!id || rest.length > 0) return null;
  if (noun === 'backup') return { kind: 'BACKUP', id };
  if (noun === 'restore') return { kind: 'RESTORE', id };
  return noun === 'download' ? { kind: 'DOWNLOAD', id } : null;
}

/** Search attributes, all Keyword, by which support staff find jobs in Temporal. */
export const searchAttributes = {
  project: 'HoldfastProject',
  environment: 'HoldfastEnvironment',
  stage: 'HoldfastStage',
  kind: 'HoldfastKind',
  trigger: 'HoldfastTrigger',
  job: 'HoldfastJob',
  failure: 'HoldfastFailure',
  requester: 'HoldfastRequester',
} as const;

/** What `createBackup` is told: ids only, the rest is read from the catalogue. */
export interface CreateBackupOrder {
  backupId: string;
}

/** What a run of `createBackup` ends with. */
export interface CreateBackupOutcome {
  backupId: string;
  status: 'SUCCEEDED' | 'CANCELED';
  totalSize: number | null;
}

/** What claiming the row answers: which run did it, and what is to be done. */
export interface BackupClaim {
  ranIn: string;
  /** Set where an earlier run has sealed the backup: there is nothing left to do. */
  alreadySealed: CreateBackupOutcome | null;
  /** Whether a person cancelled before the run began. */
  canceled: boolean;
  /** Whether an earlier run had the backup, or a person asked to run it again. */
  again: boolean;
  contents: Content[];
  /** How long what is away is waited for, in milliseconds. */
  outagePatienceMs: number;
  /** For current details, e.g. `shop/live`. */
  where: string;
  /** Set while a restore of the environment is under way: the backup begins after it. */
  waitsFor: string | null;
}

/** Which attempt of which run a step belongs to. */
export interface StepOrder {
  backupId: string;
  claimedIn: string;
  /** 1, 2, … within the run. */
  attempt: number;
  /** Bytes of the source that earlier steps have done. */
  doneBytes: number;
}

/** What a content step answers. */
export interface StepResult {
  part: PartDocument;
  /** Bytes added to storage. */
  storedSize: number;
  /** Bytes of the source that this step read. */
  sourceBytes: number;
  /** RFC 3339: the instant of the snapshot or the start of the walk. */
  takenAt: string;
  warnings: Finding[];
}

/** What sealing is told. */
export interface SealOrder {
  backupId: string;
  claimedIn: string;
  results: StepResult[];
}

/** What is recorded when a run ends without a backup. `failure` null: cancelled. */
export interface SettleOrder {
  backupId: string;
  claimedIn: string;
  failure: Failure | null;
}

/** The failure type by which an activity says that the person’s wish to cancel was seen. */
export const canceledFailure = 'CANCELED';
/** The failure type of a step whose inputs, made by an earlier run, are no longer in storage. */
export const inputGoneFailure = 'INPUT_GONE';

/** The failure type of a step that finds the backup sealed by an earlier run. */
export const alreadySealedFailure = 'ALREADY_SEALED';
/** The failure type of a step whose worker was stopped. */
export const workerStoppedFailure = 'WORKER_STOPPED';

/** What a failed step tells the workflow beside its code. */
export interface StepFailureDetails {
  /** E.g. `database`. */
  step: string;
  /** Whether any byte moved in this attempt. */
  progressed: boolean;
}

/** What `checkEnvironment` is told. */
export interface CheckEnvironmentOrder {
  environmentId: string;
}

/** What `checkEnvironment` finds; empty findings mean that all can be reached and read. */
export interface CheckEnvironmentOutcome {
  ok: boolean;
  findings: Finding[];
}

/** What `restoreBackup` is told: ids only. */
export interface RestoreBackupOrder {
  restoreId: string;
}

/** What a run of `restoreBackup` ends with. */
export interface RestoreBackupOutcome {
  restoreId: string;
  status: 'SUCCEEDED' | 'CANCELED';
}

/** What claiming a restore’s row answers: which run did it, and what is to be done. */
export interface RestoreClaim {
  ranIn: string;
  /** Set where an earlier run has done it: there is nothing left to do. */
  alreadyDone: RestoreBackupOutcome | null;
  /** Whether a person cancelled before the run began. */
  canceled: boolean;
  /** Whether an earlier run had the restore, or a person asked to run it again. */
  again: boolean;
  way: RestoreWay;
  contents: Content[];
  /** Whether a safety backup is made first. */
  safety: boolean;
  /** How long what is away is waited for, in milliseconds. */
  outagePatienceMs: number;
  /** The destination, for current details, e.g. `shop/live`. */
  where: string;
}

/** Which attempt of which run a step of a restore belongs to. */
export interface RestoreStepOrder {
  restoreId: string;
  claimedIn: string;
  /** 1, 2, … within the run. */
  attempt: number;
  /** Set once the database proves to be replaced in place: the dump is read in the switch then. */
  inPlace?: boolean;
}

/** What waiting for a destination answers. */
export interface DestinationTurn {
  /** In words what it still waits for; null: the destination is free. */
  waitsFor: string | null;
  /** Set where the switch of an earlier run proved to be whole: there is nothing left to do. */
  alreadyDone: RestoreBackupOutcome | null;
}

/** What staging a database answers. */
export interface StagedDatabaseResult {
  /** The database beside the live one; null where the live one has to be replaced in place. */
  staged: { name: string; oid: string } | null;
  /** What could not be carried over, and other remarks. */
  warnings: Finding[];
}

/** What staging media answers. */
export interface StagedMediaResult {
  /** Absolute path; in a bucket what keys go on with behind its prefix. */
  path: string;
  /** `device:inode`; in a bucket how many objects there are, and their bytes. */
  ino: string;
  warnings: Finding[];
}

/** What the switch is told. */
export interface SwitchOrder extends RestoreStepOrder {
  database: StagedDatabaseResult | null;
  media: StagedMediaResult | null;
}

/** What is recorded when a run ends without having restored. `failure` null: cancelled. */
export interface SettleRestoreOrder {
  restoreId: string;
  claimedIn: string;
  failure: Failure | null;
}

/** What `surveyRestore` is told. */
export interface SurveyRestoreOrder {
  backupId: string;
  environmentId: string;
  contents: Content[];
}
