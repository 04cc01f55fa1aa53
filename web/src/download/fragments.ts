import { graphql } from '../graph/graphql.js';
import { ProgressFields } from '../job/fragments.js';

/**
 * All that is shown of a download, in lists and on its page. What may be done with it is called `offered`, and its
 * environment `origin`: among jobs they stand beside fields of other kinds that have the same names and other types.
 * The addresses of its files are not among it: they are asked for at the click, because they live for minutes.
 */
export const DownloadFields = graphql(
  `
    fragment DownloadFields on Download @_unmask {
      id
      contents
      sourceDescription
      expiresAt
      revokedAt
      emailedTo
      emailedAt
      mailState
      mailProblem
      offered: can
      updatedAt
      startedAt
      finishedAt
      failure {
        code
        message
        retryable
      }
      files {
        content
        name
        size
        sha256
      }
      project {
        id
        slug
        name
      }
      origin: environment {
        id
        slug
        name
        stage
        deletedAt
      }
      source {
        __typename
        ... on Backup {
          id
          note
          takenAt
          createdAt
          project {
            id
            slug
          }
        }
      }
      requestedBy {
        id
        name
      }
      workflow {
        workflowId
        url
      }
      ...ProgressFields
    }
  `,
  [ProgressFields],
);
