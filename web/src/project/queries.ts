import { BackupDetailFields } from '../backup/fragments.js';
import { EnvironmentFields } from '../environment/fragments.js';
import { graphql, type ResultOf } from '../graph/graphql.js';

/** What every page of a project needs. */
export const ProjectQuery = graphql(
  `
    query Project($slug: String!) {
      project(slug: $slug) {
        id
        slug
        name
        viewerRole
        environments {
          id
          ...EnvironmentFields
        }
      }
    }
  `,
  [EnvironmentFields],
);

export type ProjectFacts = NonNullable<ResultOf<typeof ProjectQuery>['project']>;
export type EnvironmentFacts = ProjectFacts['environments'][number];

/** Every change in a project, with all that any of its pages shows of it. */
export const ProjectChanged = graphql(
  `
    subscription ProjectChanged($projectId: ID!) {
      projectChanged(projectId: $projectId) {
        kind
        deletedId
        job {
          __typename
          ... on Backup {
            ...BackupDetailFields
          }
        }
        environment {
          id
          ...EnvironmentFields
        }
      }
    }
  `,
  [BackupDetailFields, EnvironmentFields],
);
