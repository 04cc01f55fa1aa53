import { graphql } from '../graph/graphql.js';

/** What the app knows of an environment everywhere: lists, choices, the page of environments. */
export const EnvironmentFields = graphql(`
  fragment EnvironmentFields on Environment @_unmask {
    id
    slug
    name
    stage
    hasDatabase
    hasMedia
    keepMediaFolder
    gitCommit
    deletedAt
    can
  }
`);
