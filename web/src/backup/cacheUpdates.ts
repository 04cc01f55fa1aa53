import type { Cache } from '@urql/exchange-graphcache';
import type { BackupKind, Stage } from '#schema/domain';
import { changeNodes } from '../graph/lists.js';
import { update } from '../graph/updates.js';
import type { BackupFilter } from './list.js';

/** The fields of a new backup that decide which lists it belongs to. */
interface NewBackup {
  id: string;
  kind: BackupKind;
  environment: { id: string; stage: Stage };
  project: { id: string };
}

interface ProjectEvent {
  projectChanged: {
    kind: string;
    job: (Partial<NewBackup> & { __typename: string }) | null;
    deletedId: string | null;
  };
}

interface CreateBackupResult {
  createBackup: { backup: NewBackup | null };
}

/** Puts a new backup on top of every list that would show it. */
function insert(cache: Cache, backup: NewBackup): void {
  const project = { __typename: 'Project', id: backup.project.id };
  const key = `Backup:${backup.id}`;
  changeNodes(cache, project, 'backups', (nodes, args) => {
    const filter = args?.filter as BackupFilter | null | undefined;
    if (args?.after || nodes.includes(key) || !belongs(backup, filter)) return null;
    return [key, ...nodes];
  });
}

/** A new row never matches a search: it appears once the search is asked again. */
function belongs(backup: NewBackup, filter: BackupFilter | null | undefined): boolean {
  if (!filter) return true;
  if (filter.search) return false;
  if (filter.kinds && !filter.kinds.includes(backup.kind)) return false;
  if (filter.stages && !filter.stages.includes(backup.environment.stage)) return false;
  return !filter.environmentIds || filter.environmentIds.includes(backup.environment.id);
}

function remove(cache: Cache, projectId: string, backupId: string): void {
  const key = `Backup:${backupId}`;
  changeNodes(cache, { __typename: 'Project', id: projectId }, 'backups', (nodes) =>
    nodes.includes(key) ? nodes.filter((each) => each !== key) : null,
  );
}

function isWhole(job: Partial<NewBackup> | null): job is NewBackup {
  return Boolean(job?.id && job.kind && job.environment && job.project);
}

const createBackup = update<CreateBackupResult>((result, _args, cache) => {
  if (result.createBackup.backup) insert(cache, result.createBackup.backup);
});

const projectChanged = update<ProjectEvent, { projectId: string }>((result, args, cache) => {
  const { kind, job, deletedId } = result.projectChanged;
  if (kind === 'JOB_CREATED' && job?.__typename === 'Backup' && isWhole(job)) insert(cache, job);
  if (kind === 'JOB_DELETED' && deletedId) remove(cache, args.projectId, deletedId);
});

/** The lists that a created or deleted backup changes; everything else follows by itself. */
export const backupUpdates = { Mutation: { createBackup }, projectChanged };
