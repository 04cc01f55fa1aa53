import { inject, provide, type ComputedRef, type InjectionKey } from 'vue';
import type { ProjectFacts } from './queries.js';

const projectKey: InjectionKey<ComputedRef<ProjectFacts | undefined>> = Symbol('project');

export function provideProject(project: ComputedRef<ProjectFacts | undefined>): void {
  provide(projectKey, project);
}

/** The open project; undefined until it is known. */
export function useProject(): ComputedRef<ProjectFacts | undefined> {
  const project = inject(projectKey);
  if (!project) throw new Error('useProject is for the pages inside ProjectLayout.');
  return project;
}
