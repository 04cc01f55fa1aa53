import { BackupDetailFields } from '../backup/fragments.js';
import { DownloadFields } from '../download/fragments.js';
import { graphql } from '../graph/graphql.js';
import { RefusalFields } from '../graph/refusals.js';
import { RestoreDetailFields } from '../restore/fragments.js';
import { JobRowFields } from './fragments.js';

/** What comes back of a deed to a job: all that any view draws of it. */
const JobAnswer = graphql(
  `
    fragment JobAnswer on JobPayload @_unmask {
      job {
        __typename
        ...JobRowFields
        ... on Backup {
          ...BackupDetailFields
        }
        ... on Restore {
          ...RestoreDetailFields
        }
        ... on Download {
          ...DownloadFields
        }
      }
      userErrors {
        ...RefusalFields
      }
    }
  `,
  [BackupDetailFields, DownloadFields, JobRowFields, RefusalFields, RestoreDetailFields],
);

/** Asks a job to stop. */
export const CancelJob = graphql(
  `
    mutation CancelJob($id: ID!) {
      cancelJob(id: $id) {
        ...JobAnswer
      }
    }
  `,
  [JobAnswer],
);

/** Has a job tried again. */
export const RetryJob = graphql(
  `
    mutation RetryJob($id: ID!) {
      retryJob(id: $id) {
        ...JobAnswer
      }
    }
  `,
  [JobAnswer],
);
