import type { Cache, Entity, FieldArgs, Link } from '@urql/exchange-graphcache';

/** The entity links of a list field, without gaps. */
function linksOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

/** Changes every cached variant of a connection's `nodes` for which `change` answers a new list. */
export function changeNodes(
  cache: Cache,
  owner: Entity,
  field: string,
  change: (nodes: string[], args: FieldArgs) => string[] | null,
): void {
  for (const variant of cache.inspectFields(owner).filter((each) => each.fieldName === field)) {
    const connection = cache.resolve(owner, variant.fieldKey);
    if (typeof connection !== 'string') continue;
    const changed = change(linksOf(cache.resolve(connection, 'nodes')), variant.arguments);
    if (changed) cache.link(connection, 'nodes', changed as Link);
  }
}

/** Changes every cached variant of a plain list of entities. */
export function changeList(
  cache: Cache,
  owner: Entity,
  field: string,
  change: (list: string[]) => string[],
): void {
  for (const variant of cache.inspectFields(owner).filter((each) => each.fieldName === field)) {
    const list = linksOf(cache.resolve(owner, variant.fieldKey));
    cache.link(owner, field, variant.arguments, change(list) as Link);
  }
}
