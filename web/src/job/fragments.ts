import { graphql } from '../graph/graphql.js';

/** What the progress of a job needs to be drawn. */
export const ProgressFields = graphql(`
  fragment ProgressFields on Job @_unmask {
    __typename
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

/** A row of the activity: any job, and what tells its kinds apart. (Not every kind has an environment.) */
export const JobRowFields = graphql(
  `
    fragment JobRowFields on Job @_unmask {
      __typename
      id
      updatedAt
      startedAt
      finishedAt
      failure {
        code
        message
        retryable
      }
      project {
        id
        slug
        name
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
      ... on Backup {
        environment {
          id
          slug
          name
          stage
          deletedAt
        }
        kind
        contents
        note
        takenAt
        can
      }
      ... on Restore {
        environment {
          id
          slug
          name
          stage
          deletedAt
        }
        contents
        sourceDescription
        undoes {
          id
        }
        open: can
      }
      ... on Download {
        origin: environment {
          id
          slug
          name
          stage
          deletedAt
        }
        contents
        sourceDescription
        offered: can
      }
    }
  `,
  [ProgressFields],
);
