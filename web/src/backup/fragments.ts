import { graphql } from '../graph/graphql.js';
import { ProgressFields } from '../job/fragments.js';

/** What decides the actions of a backup, and the words beside those that are closed. */
export const ActionFields = graphql(`
  fragment ActionFields on Backup @_unmask {
    id
    can
    status
    contents
    note
    takenAt
    createdAt
    failure {
      code
      message
      retryable
    }
    project {
      id
      slug
      viewerRole
    }
    environment {
      id
      slug
      name
      stage
      deletedAt
    }
  }
`);

/** A row of the list. */
export const BackupRowFields = graphql(
  `
    fragment BackupRowFields on Backup @_unmask {
      id
      kind
      contents
      note
      takenAt
      createdAt
      totalSize
      gitCommit
      warnings {
        code
        message
      }
      protectsRestore {
        id
        project {
          id
          slug
        }
      }
      environment {
        id
        slug
        name
        stage
        deletedAt
      }
      ...ProgressFields
      ...ActionFields
    }
  `,
  [ProgressFields, ActionFields],
);

/** What the page of one backup shows beyond its row. */
export const BackupDetailFields = graphql(
  `
    fragment BackupDetailFields on Backup @_unmask {
      storedSize
      updatedAt
      startedAt
      finishedAt
      parts {
        content
        size
        sha256
        itemCount
        serverVersion
      }
      requestedBy {
        id
        name
      }
      environment {
        id
        gitCommit
      }
      workflow {
        workflowId
        url
      }
      ...BackupRowFields
    }
  `,
  [BackupRowFields],
);
