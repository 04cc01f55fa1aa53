import { graphql } from '../graph/graphql.js';

/** What the progress of a job needs to be drawn. */
export const ProgressFields = graphql(`
  fragment ProgressFields on Backup @_unmask {
    id
    status
    createdAt
    progress {
      attempt
      phase
      fraction
      doneBytes
      totalBytes
      bytesPerSecond
      secondsLeft
      sequence
    }
  }
`);

/** What decides the actions of a backup, and the words beside those that are closed. */
export const ActionFields = graphql(`
  fragment ActionFields on Backup @_unmask {
    id
    can
    status
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
      name
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
