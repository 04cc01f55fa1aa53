import { BackupDetailFields } from '../backup/fragments.js';
import { graphql } from '../graph/graphql.js';
import { RefusalFields } from '../graph/refusals.js';
import { JobRowFields } from './fragments.js';

/** Asks a job to stop. */
export const CancelJob = graphql(
  `
    mutation CancelJob($id: ID!) {
      cancelJob(id: $id) {
        job {
          __typename
          ...JobRowFields
          ... on Backup {
            ...BackupDetailFields
          }
        }
        userErrors {
          ...RefusalFields
        }
      }
    }
  `,
  [BackupDetailFields, JobRowFields, RefusalFields],
);

/** Has a job tried again. */
export const RetryJob = graphql(
  `
    mutation RetryJob($id: ID!) {
      retryJob(id: $id) {
        job {
          __typename
          ...JobRowFields
          ... on Backup {
            ...BackupDetailFields
          }
        }
        userErrors {
          ...RefusalFields
        }
      }
    }
  `,
  [BackupDetailFields, JobRowFields, RefusalFields],
);
