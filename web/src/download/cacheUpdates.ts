import type { Cache } from '@urql/exchange-graphcache';
import { changeNodes } from '../graph/lists.js';
import { update } from '../graph/updates.js';

/** The fields of a new download that decide which list it belongs to. */
interface NewDownload {
  id: string;
  project: { id: string };
}

interface ProjectEvent {
  projectChanged: {
    kind: string;
    job: (Partial<NewDownload> & { __typename: string }) | null;
    deletedId: string | null;
  };
}

interface Prepared {
  download: NewDownload | null;
}

/** Puts a new download on top of its project’s list; one that was joined stays where it is. */
function insert(cache: Cache, download: NewDownload): void {
  const key = `Download:${download.id}`;
  changeNodes(cache, { __typename: 'Project', id: download.project.id }, 'downloads', (nodes, args) =>
    args?.after || nodes.includes(key) ? null : [key, ...nodes],
  );
}

function remove(cache: Cache, projectId: string, downloadId: string): void {
  const key = `Download:${downloadId}`;
  changeNodes(cache, { __typename: 'Project', id: projectId }, 'downloads', (nodes) =>
    nodes.includes(key) ? nodes.filter((each) => each !== key) : null,
  );
}

function isWhole(job: Partial<NewDownload>): job is NewDownload {
  return Boolean(job.id && job.project);
}

const reissueDownload = update<{ reissueDownload: Prepared }>((result, _args, cache) => {
  if (result.reissueDownload.download) insert(cache, result.reissueDownload.download);
});

const projectChanged = update<ProjectEvent, { projectId: string }>((result, args, cache) => {
  const { kind, job, deletedId } = result.projectChanged;
  if (kind === 'JOB_CREATED' && job?.__typename === 'Download' && isWhole(job)) insert(cache, job);
  if (kind === 'JOB_DELETED' && deletedId) remove(cache, args.projectId, deletedId);
});

/** The lists that a new or deleted download changes; everything else follows by itself. */
export const downloadUpdates = { Mutation: { reissueDownload }, projectChanged };
