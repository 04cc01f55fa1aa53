import type { Cache } from '@urql/exchange-graphcache';
import { changeNodes } from '../graph/lists.js';
import { update } from '../graph/updates.js';

/** The fields of a new restore that decide which list it belongs to. */
interface NewRestore {
  id: string;
  project: { id: string };
}

interface ProjectEvent {
  projectChanged: {
    kind: string;
    job: (Partial<NewRestore> & { __typename: string }) | null;
    deletedId: string | null;
  };
}

interface Begun {
  restore: NewRestore | null;
}

/** Puts a new restore on top of its project’s list. */
function insert(cache: Cache, restore: NewRestore): void {
  const key = `Restore:${restore.id}`;
  changeNodes(cache, { __typename: 'Project', id: restore.project.id }, 'restores', (nodes, args) =>
    args?.after || nodes.includes(key) ? null : [key, ...nodes],
  );
}

function remove(cache: Cache, projectId: string, restoreId: string): void {
  const key = `Restore:${restoreId}`;
  changeNodes(cache, { __typename: 'Project', id: projectId }, 'restores', (nodes) =>
    nodes.includes(key) ? nodes.filter((each) => each !== key) : null,
  );
}

function isWhole(job: Partial<NewRestore>): job is NewRestore {
  return Boolean(job.id && job.project);
}

const restoreBackup = update<{ restoreBackup: Begun }>((result, _args, cache) => {
  if (result.restoreBackup.restore) insert(cache, result.restoreBackup.restore);
});

const undoRestore = update<{ undoRestore: Begun }>((result, _args, cache) => {
  if (result.undoRestore.restore) insert(cache, result.undoRestore.restore);
});

const projectChanged = update<ProjectEvent, { projectId: string }>((result, args, cache) => {
  const { kind, job, deletedId } = result.projectChanged;
  if (kind === 'JOB_CREATED' && job?.__typename === 'Restore' && isWhole(job)) insert(cache, job);
  if (kind === 'JOB_DELETED' && deletedId) remove(cache, args.projectId, deletedId);
});

/** The lists that a new or deleted restore changes; everything else follows by itself. */
export const restoreUpdates = { Mutation: { restoreBackup, undoRestore }, projectChanged };
