import { pageSize } from '#schema/domain';
import { graphql } from '../graph/graphql.js';
import { DownloadFields } from './fragments.js';

/** One page of a project’s downloads, newest first. */
export const DownloadPageQuery = graphql(
  `
    query DownloadPage($slug: String!, $first: Int!, $after: String) {
      project(slug: $slug) {
        id
        downloads(first: $first, after: $after) {
          nodes {
            id
            ...DownloadFields
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [DownloadFields],
);

export const pageLength = pageSize.standard;

/** One download, and who had its files. */
export const DownloadQuery = graphql(
  `
    query Download($id: ID!) {
      node(id: $id) {
        __typename
        ... on Download {
          ...DownloadFields
          uses {
            at
            who
            fileName
          }
        }
      }
    }
  `,
  [DownloadFields],
);

/** How a download stands, with addresses of its files that work for minutes. */
export const FileLinksQuery = graphql(`
  query FileLinks($id: ID!) {
    node(id: $id) {
      __typename
      ... on Download {
        id
        status
        expiresAt
        revokedAt
        offered: can
        files {
          content
          name
          size
          sha256
          url
        }
      }
    }
  }
`);
