import { graphql } from '../graph/graphql.js';
import { ProgressFields } from '../job/fragments.js';

/**
 * What the page of one restore shows. What may be done with it is called `open`, because in a list of jobs it stands
 * beside the `can` of backups, which has other values.
 */
export const RestoreDetailFields = graphql(
  `
    fragment RestoreDetailFields on Restore @_unmask {
      id
      contents
      sourceDescription
      canUndo
      open: can
      updatedAt
      startedAt
      finishedAt
      switchedAt
      undoUntil
      failure {
        code
        message
        retryable
      }
      warnings {
        code
        message
      }
      project {
        id
        slug
        name
      }
      environment {
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
          project {
            id
            slug
          }
        }
      }
      safetyBackup {
        id
        createdAt
        project {
          id
          slug
        }
      }
      undoes {
        id
        createdAt
        project {
          id
          slug
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
