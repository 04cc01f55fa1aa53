import { pageSize } from '#schema/domain';
import { graphql } from '../graph/graphql.js';
import { JobRowFields } from '../job/fragments.js';

/** One page of a project’s restores, newest first. */
export const RestorePageQuery = graphql(
  `
    query RestorePage($slug: String!, $first: Int!, $after: String) {
      project(slug: $slug) {
        id
        restores(first: $first, after: $after) {
          nodes {
            ...JobRowFields
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [JobRowFields],
);

/** The restores of a project that are waiting or running. */
export const RestoresUnderWayQuery = graphql(
  `
    query RestoresUnderWay($slug: String!, $first: Int!, $filter: JobFilter) {
      project(slug: $slug) {
        id
        jobs(first: $first, filter: $filter) {
          nodes {
            ...JobRowFields
          }
        }
      }
    }
  `,
  [JobRowFields],
);

export const pageLength = pageSize.standard;
