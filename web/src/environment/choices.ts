import type { EnvironmentFacts } from '../project/queries.js';
import { stageWords } from '../words.js';

type Named = Pick<EnvironmentFacts, 'id' | 'name' | 'slug' | 'stage' | 'deletedAt'>;

/** Environments as a list to choose from: the name, what tells it from others of that name, and whether it is gone. */
export function environmentChoices(environments: readonly Named[]): { value: string; label: string }[] {
  return environments.map((each) => ({
    value: each.slug,
    label: `${nameApart(each, environments)}${each.deletedAt ? ' (deleted)' : ''}`,
  }));
}

/** The name of an environment; where others have the same, with its slug and stage. */
function nameApart(environment: Named, among: readonly Named[]): string {
  const { name, slug, stage } = environment;
  const twins = among.filter((each) => each.name.trim().toLowerCase() === name.trim().toLowerCase());
  return twins.length > 1 ? `${name} (${slug}, ${stageWords[stage]})` : name;
}
