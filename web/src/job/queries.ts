import { pageSize } from '#schema/domain';
import { graphql, type VariablesOf } from '../graph/graphql.js';
import { JobRowFields } from './fragments.js';

/** One page of a project’s jobs, newest change first. */
export const ProjectJobsQuery = graphql(
  `
    query ProjectJobs($slug: String!, $first: Int!, $after: String, $filter: JobFilter) {
      project(slug: $slug) {
        id
        jobs(first: $first, after: $after, filter: $filter) {
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

/** One page of the jobs of all projects, newest change first. */
export const AllJobsQuery = graphql(
  `
    query AllJobs($first: Int!, $after: String, $filter: JobFilter) {
      jobs(first: $first, after: $after, filter: $filter) {
        nodes {
          ...JobRowFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [JobRowFields],
);

export type JobFilter = NonNullable<VariablesOf<typeof ProjectJobsQuery>['filter']>;

export const pageLength = pageSize.standard;
