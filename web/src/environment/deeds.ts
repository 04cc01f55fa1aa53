import { graphql } from '../graph/graphql.js';
import { RefusalFields } from '../graph/refusals.js';
import { EnvironmentFields } from './fragments.js';

export const CreateEnvironment = graphql(
  `
    mutation CreateEnvironment($input: CreateEnvironmentInput!) {
      createEnvironment(input: $input) {
        environment {
          id
          ...EnvironmentFields
        }
        userErrors {
          ...RefusalFields
        }
      }
    }
  `,
  [EnvironmentFields, RefusalFields],
);

export const UpdateEnvironment = graphql(
  `
    mutation UpdateEnvironment($input: UpdateEnvironmentInput!) {
      updateEnvironment(input: $input) {
        environment {
          id
          ...EnvironmentFields
        }
        userErrors {
          ...RefusalFields
        }
      }
    }
  `,
  [EnvironmentFields, RefusalFields],
);

/** Looks whether all can be reached and read; nothing is changed. */
export const CheckEnvironment = graphql(
  `
    mutation CheckEnvironment($id: ID!) {
      checkEnvironment(id: $id) {
        check {
          ok
          findings {
            code
            message
          }
        }
        userErrors {
          ...RefusalFields
        }
      }
    }
  `,
  [RefusalFields],
);

export const DeleteEnvironment = graphql(
  `
    mutation DeleteEnvironment($id: ID!, $confirmation: String!) {
      deleteEnvironment(id: $id, confirmation: $confirmation) {
        project {
          id
          environments {
            id
            ...EnvironmentFields
          }
        }
        userErrors {
          ...RefusalFields
        }
      }
    }
  `,
  [EnvironmentFields, RefusalFields],
);
