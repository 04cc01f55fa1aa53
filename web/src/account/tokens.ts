import { graphql, type ResultOf } from '../graph/graphql.js';
import { RefusalFields } from '../graph/refusals.js';

/** A token as the list shows it; its secret is never among this. */
const TokenFields = graphql(`
  fragment TokenFields on ApiToken @_unmask {
    id
    name
    createdAt
    expiresAt
    lastUsedAt
  }
`);

export const AccountQuery = graphql(
  `
    query Account {
      viewer {
        id
        name
        email
        isSupport
        apiTokens {
          ...TokenFields
        }
      }
    }
  `,
  [TokenFields],
);

export type ApiToken = NonNullable<ResultOf<typeof AccountQuery>['viewer']>['apiTokens'][number];

export const CreateApiToken = graphql(
  `
    mutation CreateApiToken($name: String!, $expiresAt: DateTime) {
      createApiToken(name: $name, expiresAt: $expiresAt) {
        apiToken {
          ...TokenFields
        }
        secret
        userErrors {
          ...RefusalFields
        }
      }
    }
  `,
  [RefusalFields, TokenFields],
);

export const RevokeApiToken = graphql(
  `
    mutation RevokeApiToken($id: ID!) {
      revokeApiToken(id: $id) {
        revokedId
        userErrors {
          ...RefusalFields
        }
      }
    }
  `,
  [RefusalFields],
);
