import { graphql } from '../graph/graphql.js';
import { BackupDetailFields, BackupRowFields } from './fragments.js';

/** Begins a backup; the row is there at once. */
export const CreateBackup = graphql(
  `
    mutation CreateBackup($input: CreateBackupInput!) {
      createBackup(input: $input) {
        backup {
          id
          ...BackupRowFields
        }
        userErrors {
          code
          field
          message
        }
      }
    }
  `,
  [BackupRowFields],
);

export const UpdateBackup = graphql(
  `
    mutation UpdateBackup($input: UpdateBackupInput!) {
      updateBackup(input: $input) {
        backup {
          id
          ...BackupRowFields
        }
        userErrors {
          code
          field
          message
        }
      }
    }
  `,
  [BackupRowFields],
);

export const CancelJob = graphql(
  `
    mutation CancelJob($id: ID!) {
      cancelJob(id: $id) {
        job {
          __typename
          ... on Backup {
            ...BackupDetailFields
          }
        }
        userErrors {
          code
          field
          message
        }
      }
    }
  `,
  [BackupDetailFields],
);

export const RetryJob = graphql(
  `
    mutation RetryJob($id: ID!) {
      retryJob(id: $id) {
        job {
          __typename
          ... on Backup {
            ...BackupDetailFields
          }
        }
        userErrors {
          code
          field
          message
        }
      }
    }
  `,
  [BackupDetailFields],
);
