import type { Cache } from '@urql/exchange-graphcache';
import { changeList } from '../graph/lists.js';
import { update } from '../graph/updates.js';

interface CreateEnvironmentResult {
  createEnvironment: { environment: { id: string } | null };
}

interface ProjectEvent {
  projectChanged: { environment: { id: string } | null };
}

function insert(cache: Cache, projectId: string, environmentId: string): void {
  const key = `Environment:${environmentId}`;
  changeList(cache, { __typename: 'Project', id: projectId }, 'environments', (list) =>
    list.includes(key) ? list : [...list, key],
  );
}

const createEnvironment = update<CreateEnvironmentResult, { input: { projectId: string } }>(
  (result, args, cache) => {
    const { environment } = result.createEnvironment;
    if (environment) insert(cache, args.input.projectId, environment.id);
  },
);

const projectChanged = update<ProjectEvent, { projectId: string }>((result, args, cache) => {
  const { environment } = result.projectChanged;
  if (environment) insert(cache, args.projectId, environment.id);
});

/** The lists that a new environment changes. */
export const environmentUpdates = { Mutation: { createEnvironment }, projectChanged };
