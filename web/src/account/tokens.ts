import { graphql, type ResultOf } from '../graph/graphql.js';

export const AccountQuery = graphql(`
  query Account {
    viewer {
      id
      name
      email
      isSupport
      apiTokens {
        id
        name
        createdAt
        expiresAt
        lastUsedAt
      }
    }
  }
`);

export type ApiToken = NonNullable<ResultOf<typeof AccountQuery>['viewer']>['apiTokens'][number];

export const CreateApiToken = graphql(`
  mutation CreateApiToken($name: String!, $expiresAt: DateTime) {
    createApiToken(name: $name, expiresAt: $expiresAt) {
      apiToken {
        id
        name
        createdAt
        expiresAt
        lastUsedAt
      }
      secret
      userErrors {
        code
        field
        message
      }
    }
  }
`);

export const RevokeApiToken = graphql(`
  mutation RevokeApiToken($id: ID!) {
    revokeApiToken(id: $id) {
      revokedId
      userErrors {
        code
        field
        message
      }
    }
  }
`);
