import { jobKinds, jobStatuses, type JobKind, type JobStatus } from '#schema/domain';
import type { LocationQuery, LocationQueryRaw } from 'vue-router';
import { wordOf, wordsFrom } from '../ui/addressWords.js';
import type { JobFilter } from './queries.js';

/** What the activity is narrowed to, as the address of the page keeps it. */
export interface Narrowing {
  kind: JobKind | null;
  status: JobStatus | null;
  /** An environment’s slug. */
  environment: string | null;
  /** A project’s slug. */
  project: string | null;
  /** A failure’s code. */
  code: string | null;
}

export const nothingNarrowed: Narrowing = {
  kind: null,
  status: null,
  environment: null,
  project: null,
  code: null,
};

/** Reads the narrowing from the address; what it does not know, it leaves out. */
export function fromAddress(query: LocationQuery): Narrowing {
  const { text, word } = wordsFrom(query);
  return {
    kind: jobKinds.find((each) => each === word('kind')) ?? null,
    status: jobStatuses.find((each) => each === word('status')) ?? null,
    environment: text('environment') || null,
    project: text('project') || null,
    code: /^\w+$/.test(word('code')) ? word('code') : null,
  };
}

/** Writes the narrowing for the address, e.g. `?status=failed&code=storage-full`. */
export function toAddress({ kind, status, environment, project, code }: Narrowing): LocationQueryRaw {
  return {
    kind: wordOf(kind),
    status: wordOf(status),
    environment: environment ?? undefined,
    project: project ?? undefined,
    code: wordOf(code),
  };
}

/** How many filters are set. */
export function countNarrowed(narrowing: Narrowing): number {
  return Object.values(narrowing).filter(Boolean).length;
}

/** The filter for the API; undefined where all jobs are wanted. Slugs are replaced by the ids given. */
export function toFilter(
  { kind, status, environment, project, code }: Narrowing,
  ids: { environment?: string; project?: string },
): JobFilter | undefined {
  const filter: JobFilter = {
    ...(kind ? { kinds: [kind] } : {}),
    ...(status ? { statuses: [status] } : {}),
    ...(code ? { failureCodes: [code] } : {}),
    ...(environment ? { environmentIds: ids.environment ? [ids.environment] : [] } : {}),
    ...(project ? { projectIds: ids.project ? [ids.project] : [] } : {}),
  };
  return Object.keys(filter).length > 0 ? filter : undefined;
}
