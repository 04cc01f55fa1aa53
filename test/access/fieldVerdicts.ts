import type { Caller } from './callers.js';
import type { Cast } from './cast.js';

/** Who gets what of a type’s fields, by their names. Whoever may not see the object gets none of them. */
export interface TypeRow {
  /**
   * A query that leads to such an object; `HERE` stands for its fields. Null: only the answer of a mutation or a
   * subscription holds it, whose own verdict decides.
   */
  door: ((cast: Cast) => string) | null;
  /** To whom the door opens: members of the project and support staff, unless said otherwise. */
  opensTo?: 'admin' | 'operators' | 'everybody signed in';
  /** Everybody gets what the administrator gets. */
  all?: string;
  /** Null or empty for everybody but administrators of the project. */
  admin?: string;
  /** Null or empty for everybody but operators and administrators of the project. */
  operators?: string;
  /** Null for everybody but support staff. */
  support?: string;
  /** About the caller alone: differs from person to person, and holds nothing of others. */
  self?: string;
  /** What each gets. */
  each?: Record<string, Partial<Record<Caller, unknown>>>;
}

const ofProject =
  (path: string) =>
  ({ slug }: Cast) =>
    `project(slug: "${slug}") { ${path} }`;
const ofBackup =
  (path: string) =>
  ({ backup }: Cast) =>
    `node(id: "${backup}") { ... on Backup { ${path} } }`;
const page = 'pageInfo totalCount';
const job =
  'id project environment status progress failure requestedBy createdAt updatedAt startedAt finishedAt workflow';
const ofDownload =
  (path: string) =>
  ({ download }: Cast) =>
    `node(id: "${download}") { ... on Download { ${path} } }`;
const ofBackups = ['RESTORE', 'DOWNLOAD', 'EDIT_NOTE'];
const ofDownloads = ['DOWNLOAD', 'REVOKE'];
const finding = { __typename: 'Finding' };
const operator = ['CREATE_BACKUP', 'RECORD_DEPLOYMENT'];

/** Add a row here for every new type, and a word for every new field. */
export const typeRows: Record<string, TypeRow> = {
  Project: {
    door: ofProject('HERE'),
    all: 'id slug name environments environment members backups restores downloads jobs downloadHours',
    each: {
      viewerRole: {
        viewer: 'VIEWER',
        operator: 'OPERATOR',
        token: 'OPERATOR',
        admin: 'ADMIN',
        support: null,
      },
      can: {
        viewer: ['LEAVE'],
        operator: ['LEAVE'],
        token: ['LEAVE'],
        admin: ['CREATE_ENVIRONMENT', 'SET_MEMBER', 'LEAVE'],
        support: [],
      },
    },
  },
  Environment: {
    door: ({ environment }) => `node(id: "${environment}") { ... on Environment { HERE } }`,
    all: 'id project slug name stage hasDatabase hasMedia keepMediaFolder gitCommit deletedAt latestBackup storedSize',
    each: {
      can: {
        viewer: [],
        operator,
        token: operator,
        admin: [...operator, 'UPDATE', 'CHECK', 'DELETE'],
        support: [],
      },
    },
  },
  Member: { door: ofProject('members { HERE }'), all: 'user role', admin: 'invitation' },
  MemberInvitation: {
    door: ofProject('members { invitation { HERE } }'),
    opensTo: 'admin',
    all: 'invitedAt mailedAt',
  },
  User: {
    door: ({ member }) => `node(id: "${member}") { ... on User { HERE } }`,
    all: 'id name email isSupport',
    self: 'apiTokens',
  },
  ApiToken: {
    door: () => 'viewer { apiTokens { HERE } }',
    opensTo: 'everybody signed in',
    self: 'id name createdAt expiresAt lastUsedAt',
  },
  Backup: {
    door: ofBackup('HERE'),
    all: `${job} kind contents note takenAt totalSize storedSize parts gitCommit warnings protectsRestore`,
    each: {
      can: { viewer: [], operator: ofBackups, token: ofBackups, admin: ofBackups, support: [] },
    },
  },
  Restore: {
    door: ({ restore }) => `node(id: "${restore}") { ... on Restore { HERE } }`,
    all: `${job} source sourceDescription contents safetyBackup canUndo switchedAt undoUntil undoes warnings`,
    each: { can: { viewer: [], operator: [], token: [], admin: ['RETRY'], support: [] } },
  },
  Download: {
    door: ofDownload('HERE'),
    all: `${job} source sourceDescription contents files expiresAt revokedAt`,
    operators: 'uses',
    self: 'emailedTo emailedAt mailState mailProblem',
    each: { can: { viewer: [], operator: ofDownloads, token: ofDownloads, admin: ofDownloads, support: [] } },
  },
  DownloadFile: {
    door: ofDownload('files { HERE }'),
    all: 'name content size sha256',
    operators: 'url',
  },
  DownloadUse: { door: ofDownload('uses { HERE }'), opensTo: 'operators', all: 'at who fileName' },
  RestorePlan: {
    door: ({ backup, deletedEnvironment }) =>
      `restorePlan(sourceId: "${backup}", destinationId: "${deletedEnvironment}") { HERE }`,
    all: 'warnings confirmation destinationGitCommit backupGitCommit estimatedSeconds',
    // That the destination was deleted, and to whom source or destination are forbidden.
    each: {
      blockers: {
        viewer: [finding, finding, finding],
        operator: [finding, finding],
        token: [finding, finding],
        admin: [finding],
        support: [finding, finding, finding],
      },
    },
  },
  BackupPart: { door: ofBackup('parts { HERE }'), all: 'content size sha256 itemCount serverVersion' },
  JobProgress: {
    door: ofBackup('progress { HERE }'),
    all: 'attempt phase fraction doneBytes totalBytes bytesPerSecond secondsLeft sequence',
  },
  JobFailure: {
    door: ({ failedBackup }) => `node(id: "${failedBackup}") { ... on Backup { failure { HERE } } }`,
    all: 'code message retryable',
  },
  Workflow: { door: ofBackup('workflow { HERE }'), all: 'workflowId runId taskQueue', support: 'url' },
  BackupConnection: { door: ofProject('backups { HERE }'), all: `edges nodes ${page}` },
  BackupEdge: { door: ofProject('backups { edges { HERE } }'), all: 'cursor node' },
  RestoreConnection: { door: ofProject('restores { HERE }'), all: `edges nodes ${page}` },
  RestoreEdge: { door: ofProject('restores { edges { HERE } }'), all: 'cursor node' },
  DownloadConnection: { door: ofProject('downloads { HERE }'), all: `edges nodes ${page}` },
  DownloadEdge: { door: ofProject('downloads { edges { HERE } }'), all: 'cursor node' },
  JobConnection: { door: ofProject('jobs { HERE }'), all: `edges nodes ${page}` },
  JobEdge: { door: ofProject('jobs { edges { HERE } }'), all: 'cursor node' },
  PageInfo: {
    door: ofProject('backups { pageInfo { HERE } }'),
    all: 'hasNextPage hasPreviousPage startCursor endCursor',
  },
  ProjectConnection: {
    door: ({ mark }) => `projects(search: "${mark}") { HERE }`,
    opensTo: 'everybody signed in',
    all: `edges nodes ${page}`,
  },
  ProjectEdge: { door: ({ mark }) => `projects(search: "${mark}") { edges { HERE } }`, all: 'cursor node' },

  UserError: { door: null, all: 'code field message' },
  Finding: { door: null, all: 'code message' },
  EnvironmentCheck: { door: null, all: 'ok findings' },
  CheckEnvironmentPayload: { door: null, all: 'check userErrors' },
  CreateApiTokenPayload: { door: null, all: 'apiToken secret userErrors' },
  CreateBackupPayload: { door: null, all: 'backup userErrors' },
  EnvironmentPayload: { door: null, all: 'environment userErrors' },
  JobPayload: { door: null, all: 'job userErrors' },
  PrepareDownloadPayload: { door: null, all: 'download userErrors' },
  ProjectEvent: { door: null, all: 'kind at job environment project deletedId' },
  ProjectPayload: { door: null, all: 'project userErrors' },
  RestoreBackupPayload: { door: null, all: 'restore userErrors' },
  RevokeApiTokenPayload: { door: null, all: 'revokedId userErrors' },
  SignOutEverywherePayload: { door: null, all: 'endedSessions revokedTokens userErrors' },
  UpdateBackupPayload: { door: null, all: 'backup userErrors' },
  UpdateViewerPayload: { door: null, all: 'viewer userErrors' },
};

/** Arguments without which a field cannot be asked. */
export const neededArguments: Record<string, (cast: Cast) => string> = {
  'Project.environment': ({ environmentSlug }) => `slug: "${environmentSlug}"`,
};
