import { pageSize } from '#schema/domain';
import { graphql, type VariablesOf } from '../graph/graphql.js';
import { BackupRowFields } from './fragments.js';

/** One page of a project's backups, newest first. The count is not asked for: it would cost more than the page. */
export const BackupPageQuery = graphql(
  `
    query BackupPage($slug: String!, $first: Int!, $after: String, $filter: BackupFilter) {
      project(slug: $slug) {
        id
        backups(first: $first, after: $after, filter: $filter) {
          nodes {
            id
            ...BackupRowFields
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [BackupRowFields],
);

export type BackupPageVariables = VariablesOf<typeof BackupPageQuery>;
export type BackupFilter = NonNullable<BackupPageVariables['filter']>;

export const pageLength = pageSize.standard;
