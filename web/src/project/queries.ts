import { BackupDetailFields } from '../backup/fragments.js';
import { DownloadFields } from '../download/fragments.js';
import { EnvironmentFields } from '../environment/fragments.js';
import { JobRowFields } from '../job/fragments.js';
import { graphql, type ResultOf } from '../graph/graphql.js';
import { RestoreDetailFields } from '../restore/fragments.js';

/** What every page of a project needs. */
export const ProjectQuery = graphql(
  `
    query Project($slug: String!) {
      project(slug: $slug) {
        id
        slug
        name
        viewerRole
        can
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
    subscription ProjectChanged($projectId: ID!, $kinds: [ProjectEventKind!]) {
      projectChanged(projectId: $projectId, kinds: $kinds) {
        kind
        deletedId
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
        environment {
          id
          ...EnvironmentFields
        }
      }
    }
  `,
  [BackupDetailFields, DownloadFields, EnvironmentFields, JobRowFields, RestoreDetailFields],
);
