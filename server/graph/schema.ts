import { createPubSub } from '@graphql-yoga/subscription';
import type { GraphQLSchema } from 'graphql';
import { buildSchema } from 'type-graphql';
import { AccountResolver } from '../account/accountResolver.js';
import { BackupResolver, ProjectBackupsResolver } from '../backup/backupResolver.js';
import {
  DownloadFileResolver,
  DownloadResolver,
  ProjectDownloadsResolver,
} from '../download/downloadResolver.js';
import { EnvironmentCanResolver } from '../environment/environmentCan.js';
import { EnvironmentResolver } from '../environment/environmentResolver.js';
import { JobListResolver } from '../jobs/jobListResolver.js';
import { JobResolver } from '../jobs/jobResolver.js';
import { LiveResolver } from '../live/subscriptions.js';
import { MemberResolver } from '../people/memberResolver.js';
import { ProjectResolver } from '../project/projectResolver.js';
import {
  BackupRestoreResolver,
  ProjectRestoresResolver,
  RestoreResolver,
} from '../restore/restoreResolver.js';
import { NodeResolver } from './nodeResolver.js';

/** The API as it is served. */
export function createSchema(): Promise<GraphQLSchema> {
  return buildSchema({
    resolvers: [
      AccountResolver,
      BackupResolver,
      BackupRestoreResolver,
      DownloadFileResolver,
      DownloadResolver,
      EnvironmentCanResolver,
      EnvironmentResolver,
      JobListResolver,
      JobResolver,
      LiveResolver,
      MemberResolver,
      NodeResolver,
      ProjectBackupsResolver,
      ProjectDownloadsResolver,
      ProjectResolver,
      ProjectRestoresResolver,
      RestoreResolver,
    ],
    // type-graphql asks for one wherever there are subscriptions; ours bring their own source.
    pubSub: createPubSub(),
    // Rules of the domain check inputs, with words of their own.
    validate: false,
  });
}
