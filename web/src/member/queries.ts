import { graphql, type ResultOf } from '../graph/graphql.js';
import { RefusalFields } from '../graph/refusals.js';

/** Who belongs to a project. Members have no id of their own: their list is kept whole. */
const MemberListFields = graphql(`
  fragment MemberListFields on Project @_unmask {
    id
    members {
      role
      user {
        id
        name
        email
      }
      invitation {
        invitedAt
        mailedAt
      }
    }
  }
`);

export const MembersQuery = graphql(
  `
    query Members($slug: String!) {
      project(slug: $slug) {
        ...MemberListFields
      }
    }
  `,
  [MemberListFields],
);

/** Adds somebody, changes a role, mails an invitation again, or takes somebody out (`role` null). */
export const SetMember = graphql(
  `
    mutation SetMember($projectId: ID!, $email: String!, $role: Role) {
      setMember(projectId: $projectId, email: $email, role: $role) {
        project {
          ...MemberListFields
          viewerRole
          can
        }
        userErrors {
          ...RefusalFields
        }
      }
    }
  `,
  [MemberListFields, RefusalFields],
);

export type MemberFacts = NonNullable<ResultOf<typeof MembersQuery>['project']>['members'][number];
