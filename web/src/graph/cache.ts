import type { CacheExchangeOpts } from '@urql/exchange-graphcache';
import { backupUpdates } from '../backup/cacheUpdates.js';
import { downloadUpdates } from '../download/cacheUpdates.js';
import { environmentUpdates } from '../environment/cacheUpdates.js';
import { jobUpdates } from '../job/cacheUpdates.js';
import { projectUpdates } from '../project/cacheUpdates.js';
import { restoreUpdates } from '../restore/cacheUpdates.js';
import { accountUpdates } from '../account/cacheUpdates.js';

const withoutId = () => null;

/**
 * How the normalised cache keeps things: by type and id, so that one event redraws every view of a row. Only rows
 * that are new or gone need the updates below; each noun brings its own.
 */
export const cacheOptions: Partial<CacheExchangeOpts> = {
  possibleTypes: {
    Job: ['Backup', 'Download', 'Restore'],
    Node: ['ApiToken', 'Backup', 'Download', 'Environment', 'Project', 'Restore', 'User'],
    RestoreSource: ['Backup'],
  },
  keys: {
    BackupConnection: withoutId,
    BackupEdge: withoutId,
    BackupPart: withoutId,
    CheckEnvironmentPayload: withoutId,
    CreateApiTokenPayload: withoutId,
    CreateBackupPayload: withoutId,
    DownloadConnection: withoutId,
    DownloadEdge: withoutId,
    DownloadFile: withoutId,
    DownloadUse: withoutId,
    EnvironmentCheck: withoutId,
    EnvironmentPayload: withoutId,
    Finding: withoutId,
    JobConnection: withoutId,
    JobEdge: withoutId,
    JobFailure: withoutId,
    JobPayload: withoutId,
    JobProgress: withoutId,
    Member: withoutId,
    MemberInvitation: withoutId,
    PageInfo: withoutId,
    PrepareDownloadPayload: withoutId,
    ProjectConnection: withoutId,
    ProjectEdge: withoutId,
    ProjectEvent: withoutId,
    ProjectPayload: withoutId,
    RestoreBackupPayload: withoutId,
    RestoreConnection: withoutId,
    RestoreEdge: withoutId,
    RestorePlan: withoutId,
    RevokeApiTokenPayload: withoutId,
    SignOutEverywherePayload: withoutId,
    UpdateBackupPayload: withoutId,
    UpdateViewerPayload: withoutId,
    UserError: withoutId,
    Workflow: withoutId,
  },
  updates: {
    Mutation: {
      ...backupUpdates.Mutation,
      ...downloadUpdates.Mutation,
      ...environmentUpdates.Mutation,
      ...projectUpdates.Mutation,
      ...restoreUpdates.Mutation,
      ...accountUpdates.Mutation,
    },
    Subscription: {
      projectChanged(result, args, cache, info) {
        backupUpdates.projectChanged(result, args, cache, info);
        downloadUpdates.projectChanged(result, args, cache, info);
        environmentUpdates.projectChanged(result, args, cache, info);
        jobUpdates.projectChanged(result, args, cache, info);
        restoreUpdates.projectChanged(result, args, cache, info);
      },
    },
  },
};
