import {
  backupStart,
  downloadStart,
  restoreStart,
  switchStep,
  workflowId,
  type Content,
  type Deed,
  type JobInWords,
  type JobKind,
  type JobNoun,
  type JobStart,
} from '#schema/domain';
import { Backup, Download, Restore, type Environment, type Job, type Project } from '#schema/entities';

/** Where a job belongs: its project and its environment (of a restore: the destination; of a download: the backup’s). */
export interface JobPlace {
  project: Project;
  environment: Environment;
}

/** What tells one kind of job from the others. */
export interface KindOfJob {
  kind: JobKind;
  /** How the catalogue’s announcements call it. */
  noun: JobNoun;
  entity: new () => Job;
  /** The deed of whoever stops it. */
  cancel: Deed;
  /** The deed of whoever runs it again. */
  retry: Deed;
  /** Whether a job that has not ended may be stopped: a condition in SQL on its row. */
  cancellable: string;
  /** Whether it works on the environment itself, which therefore must still stand. */
  needsEnvironment: boolean;
  /** The id of the workflow behind the job of this id. */
  workflowId(id: string): string;
  /** How its workflow is started. */
  start(job: Job, place: JobPlace, publicUrl: string): JobStart;
}

const backups: KindOfJob = {
  kind: 'BACKUP',
  noun: 'Backup',
  entity: Backup,
  cancel: 'cancelBackup',
  retry: 'retryBackup',
  cancellable: 'true',
  needsEnvironment: true,
  workflowId: workflowId.backup,
  start: (job: Backup, place, publicUrl) =>
    backupStart({ ...inWords(job, place), kind: job.kind }, publicUrl),
};

const restores: KindOfJob = {
  kind: 'RESTORE',
  noun: 'Restore',
  entity: Restore,
  cancel: 'cancelRestore',
  retry: 'retryRestore',
  cancellable: `progress_phase <> '${switchStep}'`,
  needsEnvironment: true,
  workflowId: workflowId.restore,
  start: (job: Restore, place, publicUrl) =>
    restoreStart({ ...inWords(job, place), way: job.way }, publicUrl),
};

const downloads: KindOfJob = {
  kind: 'DOWNLOAD',
  noun: 'Download',
  entity: Download,
  cancel: 'cancelDownload',
  retry: 'retryDownload',
  cancellable: 'true',
  needsEnvironment: false,
  workflowId: workflowId.download,
  start: (job: Download, place, publicUrl) => downloadStart(inWords(job, place), publicUrl),
};

/** Every kind of job that there is so far. */
export const everyKindOfJob: readonly KindOfJob[] = [backups, restores, downloads];

/** The kind of this job. */
export function kindOf(job: Job): KindOfJob {
  const kind = everyKindOfJob.find(({ entity }) => job instanceof entity);
  if (!kind) throw new Error(`${job.constructor.name} is no kind of job.`);
  return kind;
}

function inWords(job: Job & { contents: Content[] }, { project, environment }: JobPlace): JobInWords {
  const { id, contents, requestedById } = job;
  return { id, contents, requestedById, project, environment };
}
