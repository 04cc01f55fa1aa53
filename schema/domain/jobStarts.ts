import type { BackupKind, Content, Stage } from './content.js';
import type { JobKind } from './jobs.js';
import { searchAttributes, workflowId, workflowTypes } from './journeys.js';
import type { RestoreWay } from './restores.js';
import { plainInMarkdown } from './words.js';

/** What a workflow tells support staff about its job, without secrets. */
export interface JobInWords {
  id: string;
  contents: Content[];
  requestedById: string | null;
  project: { slug: string; name: string };
  /** Of a restore: the destination; of a download: where the backup is of. */
  environment: { slug: string; name: string; stage: Stage };
}

/** How a job’s workflow is started. Texts are Markdown. */
export interface JobStart {
  workflowType: string;
  workflowId: string;
  order: object;
  summary: string;
  details: string;
  /** Search attributes: name and value. */
  attributes: Array<[name: (typeof searchAttributes)[keyof typeof searchAttributes], value: string]>;
}

/** Starts `createBackup`. */
export function backupStart(job: JobInWords & { kind: BackupKind }, publicUrl: string): JobStart {
  return {
    workflowType: workflowTypes.createBackup,
    workflowId: workflowId.backup(job.id),
    order: { backupId: job.id },
    ...inWords(job, 'Backup of', 'backups', publicUrl),
    attributes: attributesOf(job, 'BACKUP', job.kind),
  };
}

/** Starts `restoreBackup`. */
export function restoreStart(job: JobInWords & { way: RestoreWay }, publicUrl: string): JobStart {
  return {
    workflowType: workflowTypes.restoreBackup,
    workflowId: workflowId.restore(job.id),
    order: { restoreId: job.id },
    ...inWords(job, 'Restore onto', 'restores', publicUrl),
    attributes: attributesOf(job, 'RESTORE', job.way),
  };
}

/** Starts `prepareDownload`. */
export function downloadStart(job: JobInWords, publicUrl: string): JobStart {
  return {
    workflowType: workflowTypes.prepareDownload,
    workflowId: workflowId.download(job.id),
    order: { downloadId: job.id },
    ...inWords(job, 'Download of a backup of', 'downloads', publicUrl),
    attributes: attributesOf(job, 'DOWNLOAD', 'PERSON'),
  };
}

/** Starts `mailDownload`: the mail `mailId` about the download. */
export function downloadMailStart(mailId: string, job: JobInWords, publicUrl: string): JobStart {
  return {
    workflowType: workflowTypes.mailDownload,
    workflowId: workflowId.mail(mailId),
    order: { mailId },
    ...inWords(job, 'Mail about a download of', 'downloads', publicUrl),
    attributes: attributesOf(job, 'DOWNLOAD', 'MAIL'),
  };
}

function inWords(
  { id, contents, project, environment }: JobInWords,
  doing: string,
  list: string,
  publicUrl: string,
): Pick<JobStart, 'summary' | 'details'> {
  const page = `${publicUrl}/projects/${project.slug}/${list}/${id}`;
  const what = contents.join(' and ').toLowerCase();
  return {
    summary: `[${doing} ${project.slug}/${environment.slug}](${page}) (${what})`,
    details: `${plainInMarkdown(`${project.name} / ${environment.name}`)}: [open it in Holdfast](${page})`,
  };
}

function attributesOf(job: JobInWords, kind: JobKind, trigger: string): JobStart['attributes'] {
  return [
    [searchAttributes.project, job.project.slug],
    [searchAttributes.environment, job.environment.slug],
    [searchAttributes.stage, job.environment.stage],
    [searchAttributes.kind, kind],
    [searchAttributes.trigger, trigger],
    [searchAttributes.job, job.id],
    ...(job.requestedById
      ? [[searchAttributes.requester, job.requestedById] as [typeof searchAttributes.requester, string]]
      : []),
  ];
}
