import { graphql } from '../graph/graphql.js';
import { RefusalFields } from '../graph/refusals.js';
import { DownloadFields } from './fragments.js';

const DownloadAnswer = graphql(
  `
    fragment DownloadAnswer on PrepareDownloadPayload @_unmask {
      download {
        id
        ...DownloadFields
      }
      userErrors {
        ...RefusalFields
      }
    }
  `,
  [DownloadFields, RefusalFields],
);

/** Asks for files of a backup; joins a download of the same that is there or under way. */
export const PrepareDownload = graphql(
  `
    mutation PrepareDownload($input: PrepareDownloadInput!) {
      prepareDownload(input: $input) {
        ...DownloadAnswer
      }
    }
  `,
  [DownloadAnswer],
);

/** Ends a download before its time. */
export const RevokeDownload = graphql(
  `
    mutation RevokeDownload($id: ID!) {
      revokeDownload(id: $id) {
        ...DownloadAnswer
      }
    }
  `,
  [DownloadAnswer],
);

/** Makes a download that has ended anew. */
export const ReissueDownload = graphql(
  `
    mutation ReissueDownload($id: ID!) {
      reissueDownload(id: $id) {
        ...DownloadAnswer
      }
    }
  `,
  [DownloadAnswer],
);
