import type { JobKind, JobStatus, ProjectEventKind } from '#schema/domain';
import type { Cache } from '@urql/exchange-graphcache';
import { changeNodes } from '../graph/lists.js';
import { update } from '../graph/updates.js';
import type { JobFilter } from './queries.js';

/** The fields of a job that decide which lists it belongs to. */
interface ChangedJob {
  __typename: string;
  id: string;
  status: JobStatus;
  failure: { code: string } | null;
  /** Of a download it may be missing, and stands under another name. */
  environment?: { id: string } | null;
  origin?: { id: string } | null;
  project: { id: string };
}

interface ProjectEvent {
  projectChanged: { kind: ProjectEventKind; job: ChangedJob | null; deletedId: string | null };
}

const kindOf: Record<string, JobKind> = { Backup: 'BACKUP', Restore: 'RESTORE', Download: 'DOWNLOAD' };

/**
 * Puts a changed job where it belongs: on top of the lists that show it, out of those that no longer do. Progress
 * alone moves nothing: two jobs under way would change places all the time.
 */
function place(cache: Cache, job: ChangedJob, onlyProgress: boolean): void {
  const key = `${job.__typename}:${job.id}`;
  changeNodes(cache, { __typename: 'Project', id: job.project.id }, 'jobs', (nodes, args) => {
    const there = nodes.includes(key);
    const others = nodes.filter((each) => each !== key);
    const fits = !args?.after && belongs(job, args?.filter as JobFilter | null | undefined);
    if (fits) return there && (onlyProgress || nodes[0] === key) ? null : [key, ...others];
    return there && !onlyProgress ? others : null;
  });
}

function belongs(job: ChangedJob, filter: JobFilter | null | undefined): boolean {
  if (!filter) return true;
  const { kinds, statuses, failureCodes, environmentIds } = filter;
  const kind = kindOf[job.__typename];
  if (kinds && !(kind && kinds.includes(kind))) return false;
  if (statuses && !statuses.includes(job.status)) return false;
  if (failureCodes && !(job.failure && failureCodes.includes(job.failure.code))) return false;
  const environment = job.environment ?? job.origin;
  return !environmentIds || Boolean(environment && environmentIds.includes(environment.id));
}

const projectChanged = update<ProjectEvent, { projectId: string }>((result, args, cache) => {
  const { kind, job, deletedId } = result.projectChanged;
  if (job) place(cache, job, kind === 'JOB_PROGRESSED');
  if (!deletedId) return;
  const project = { __typename: 'Project', id: args.projectId };
  changeNodes(cache, project, 'jobs', (nodes) => nodes.filter((each) => !each.endsWith(`:${deletedId}`)));
});

/** The lists that a changed job changes; what its rows show follows by itself. */
export const jobUpdates = { projectChanged };
