import { graphql } from '../graph/graphql.js';
import { RefusalFields } from '../graph/refusals.js';
import { RestoreDetailFields } from './fragments.js';

export const RestoreBackup = graphql(
  `
    mutation RestoreBackup($input: RestoreBackupInput!) {
      restoreBackup(input: $input) {
        restore {
          id
          ...RestoreDetailFields
        }
        userErrors {
          ...RefusalFields
        }
      }
    }
  `,
  [RefusalFields, RestoreDetailFields],
);

/** Begins a restore that puts the destination back. */
export const UndoRestore = graphql(
  `
    mutation UndoRestore($id: ID!) {
      undoRestore(id: $id) {
        restore {
          id
          ...RestoreDetailFields
        }
        userErrors {
          ...RefusalFields
        }
      }
    }
  `,
  [RefusalFields, RestoreDetailFields],
);
