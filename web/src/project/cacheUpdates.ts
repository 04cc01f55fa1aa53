import { changeNodes } from '../graph/lists.js';
import { update } from '../graph/updates.js';

interface CreateProjectResult {
  createProject: { project: { id: string } | null };
}

const createProject = update<CreateProjectResult>((result, _args, cache) => {
  const { project } = result.createProject;
  if (!project) return;
  const key = `Project:${project.id}`;
  changeNodes(cache, 'Query', 'projects', (nodes, args) =>
    args?.after || nodes.includes(key) ? null : [key, ...nodes],
  );
});

/** The lists that a new project changes. */
export const projectUpdates = { Mutation: { createProject } };
