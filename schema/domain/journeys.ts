import type { Content, Finding } from './content.js';
import type { Failure } from './failures.js';
import type { JobKind } from './jobs.js';
import type { PartDocument } from './backupDocument.js';

/** The queue of workflows and of their short bookkeeping. */
export const taskQueue = 'holdfast';
/** The queue of long steps, so that they never keep bookkeeping (and with it a cancel) waiting. */
export const enginesQueue = 'holdfast-engines';

/** Workflow types: each is named after what it does, in Temporal as in the code. */
export const workflowTypes = { createBackup: 'createBackup', checkEnvironment: 'checkEnvironment' } as const;

/** Workflow ids are the job’s own id behind its noun. */
export const workflowId = {
  backup: (id: string) => `backup/${id}`,
  check: (environmentId: string, request: string) => `check/${environmentId}/${request}`,
} as const;

/** The job that a workflow id stands for; null where it is none of a job’s. */
export function jobIdOf(workflow: string): { kind: JobKind; id: string } | null {
  const [noun, id, ...rest] = workflow.split('/');
  return noun === 'backup' && id && rest.length === 0 ? { kind: 'BACKUP', id } : null;
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
