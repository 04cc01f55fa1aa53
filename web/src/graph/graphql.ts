import { initGraphQLTada } from 'gql.tada';
import type { introspection } from '../graphql-env.js';

/** Typed documents: a field that the schema lacks does not compile. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; SafeInt: number };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada';
