import type { Caller, Person } from './callers.js';
import type { Cast } from './cast.js';

/**
 * How a field of Query, Mutation or Subscription answers somebody: SEES something of the project, NOTHING of it (null
 * or an empty list), THEMSELVES only, DONE, or the code of the error or refusal.
 */
export type Verdict =
  | 'SEES'
  | 'NOTHING'
  | 'THEMSELVES'
  | 'DONE'
  | 'UNAUTHENTICATED'
  | 'NOT_FOUND'
  | 'FORBIDDEN'
  | 'CONFLICT'
  | 'CONFIRMATION_REQUIRED';

/** One case: who is answered how when they ask this field with these arguments. */
export interface RootRow {
  field: string;
  /** Where a field has several rows. */
  case?: string;
  /** The arguments, for whoever asks. */
  with: (cast: Cast, asks: Person) => object | Promise<object>;
  /** Whether somebody of their own asks each time, because the answer changes who they are. */
  spare?: true;
  /** Whether it ends the caller’s sign-in: a WebSocket then closes, maybe before the answer has come. */
  signsOut?: true;
  verdicts: Record<Caller, Verdict>;
}

const nobody = { anonymous: 'UNAUTHENTICATED', revoked: 'UNAUTHENTICATED' } as const;
const everybody = <Said extends Verdict>(said: Said) => ({
  ...nobody,
  stranger: said,
  viewer: said,
  operator: said,
  token: said,
  admin: said,
  support: said,
});

/** Members and support staff see it; for others it does not exist. */
const seen: RootRow['verdicts'] = { ...everybody('SEES'), stranger: 'NOTHING' };
const pushed: RootRow['verdicts'] = { ...everybody('SEES'), stranger: 'NOT_FOUND' };
/** A deed of administrators; `outcome` where what they ask for cannot be. */
const adminsWho = (outcome: Verdict): RootRow['verdicts'] => ({
  ...everybody('FORBIDDEN'),
  stranger: 'NOT_FOUND',
  admin: outcome,
});
const admins = adminsWho('DONE');
/** A deed of operators and administrators; `outcome` where what they ask for cannot be. */
const operators = (outcome: Verdict = 'DONE'): RootRow['verdicts'] => ({
  ...everybody('FORBIDDEN'),
  stranger: 'NOT_FOUND',
  operator: outcome,
  token: outcome,
  admin: outcome,
});

/** A row for every kind of thing that has an id: what `node` and `nodes` answer. */
export const nodeTargets: Record<string, (cast: Cast) => string> = {
  Project: ({ project }) => project,
  Environment: ({ environment }) => environment,
  Backup: ({ backup }) => backup,
  Restore: ({ restore }) => restore,
  Download: ({ download }) => download,
  User: ({ member }) => member,
};
const nodeRows = Object.entries(nodeTargets).flatMap(([type, target]): RootRow[] => [
  { field: 'Query.node', case: type, with: (cast) => ({ id: target(cast) }), verdicts: seen },
  { field: 'Query.nodes', case: type, with: (cast) => ({ ids: [target(cast)] }), verdicts: seen },
]);

/** Add a row here for every new field of Query, Mutation and Subscription. */
export const rootRows: RootRow[] = [
  {
    field: 'Query.viewer',
    with: () => ({}),
    verdicts: { ...everybody('THEMSELVES'), anonymous: 'NOTHING', revoked: 'NOTHING' },
  },
  ...nodeRows,
  { field: 'Query.projects', with: ({ mark }) => ({ search: mark }), verdicts: seen },
  { field: 'Query.project', with: ({ slug }) => ({ slug }), verdicts: seen },
  { field: 'Query.jobs', with: () => ({ first: 100 }), verdicts: seen },
  { field: 'Query.job', with: ({ backup }) => ({ workflowId: `backup/${backup}` }), verdicts: seen },
  // One that was deleted: nobody looks at it.
  {
    field: 'Query.restorePlan',
    with: ({ backup, deletedEnvironment }) => ({ sourceId: backup, destinationId: deletedEnvironment }),
    verdicts: seen,
  },

  {
    field: 'Mutation.createBackup',
    with: ({ environment, mark }) => ({
      input: { environmentId: environment, contents: ['MEDIA'], note: `${mark} made` },
    }),
    verdicts: operators(),
  },
  {
    field: 'Mutation.updateBackup',
    with: ({ backup, mark }) => ({ input: { id: backup, note: `${mark} noted` } }),
    verdicts: operators(),
  },
  {
    field: 'Mutation.restoreBackup',
    with: ({ backup, environment }) => ({
      input: { sourceId: backup, destinationId: environment, contents: ['MEDIA'], confirmation: 'not typed' },
    }),
    verdicts: adminsWho('CONFIRMATION_REQUIRED'),
  },
  // It was cancelled: who may undo is told so.
  {
    field: 'Mutation.undoRestore',
    with: ({ restore }) => ({ id: restore }),
    verdicts: adminsWho('CONFLICT'),
  },
  {
    field: 'Mutation.prepareDownload',
    with: ({ backup }) => ({ input: { sourceId: backup, contents: ['MEDIA'], email: false } }),
    verdicts: operators(),
  },
  // One that was cancelled has no files to revoke, and is retried instead of made anew: who may is told so.
  {
    field: 'Mutation.revokeDownload',
    with: ({ canceledDownload }) => ({ id: canceledDownload }),
    verdicts: operators('CONFLICT'),
  },
  {
    field: 'Mutation.reissueDownload',
    with: ({ canceledDownload }) => ({ id: canceledDownload }),
    verdicts: operators('CONFLICT'),
  },
  // It has succeeded: who may cancel and retry is told so.
  { field: 'Mutation.cancelJob', with: ({ backup }) => ({ id: backup }), verdicts: operators('CONFLICT') },
  { field: 'Mutation.retryJob', with: ({ backup }) => ({ id: backup }), verdicts: operators('CONFLICT') },
  {
    field: 'Mutation.recordDeployment',
    with: ({ environment, commit }) => ({ environmentId: environment, gitCommit: commit }),
    verdicts: operators(),
  },
  {
    field: 'Mutation.createEnvironment',
    with: ({ project, mark, newWord }) => ({
      input: { projectId: project, slug: `${mark}-${newWord()}`, name: mark, stage: 'TEST' },
    }),
    verdicts: admins,
  },
  {
    field: 'Mutation.updateEnvironment',
    with: ({ environment, mark }) => ({ input: { id: environment, name: `${mark} named` } }),
    verdicts: admins,
  },
  {
    field: 'Mutation.checkEnvironment',
    with: ({ brokenEnvironment }) => ({ id: brokenEnvironment }),
    verdicts: admins,
  },
  {
    field: 'Mutation.deleteEnvironment',
    with: ({ spareEnvironment }) => spareEnvironment(),
    verdicts: admins,
  },
  {
    field: 'Mutation.setMember',
    case: 'of somebody else',
    with: ({ project, mark, newWord }) => ({
      projectId: project,
      email: `${mark}-${newWord()}@example.org`,
      role: 'VIEWER',
    }),
    verdicts: admins,
  },
  {
    field: 'Mutation.setMember',
    case: 'to leave',
    spare: true,
    with: ({ project }, { email }) => ({ projectId: project, email, role: null }),
    verdicts: { ...everybody('DONE'), stranger: 'NOT_FOUND', support: 'NOT_FOUND' },
  },
  {
    field: 'Mutation.createProject',
    with: ({ newWord }) => ({ input: { slug: newWord(), name: 'Another' } }),
    verdicts: everybody('DONE'),
  },
  {
    field: 'Mutation.createApiToken',
    with: ({ newWord }) => ({ name: newWord() }),
    verdicts: everybody('DONE'),
  },
  {
    field: 'Mutation.revokeApiToken',
    case: 'of one’s own',
    with: async ({ spareToken }, asks) => ({ id: await spareToken(asks) }),
    verdicts: everybody('DONE'),
  },
  {
    field: 'Mutation.revokeApiToken',
    case: 'of somebody else',
    with: ({ memberToken }) => ({ id: memberToken }),
    verdicts: everybody('NOT_FOUND'),
  },
  {
    field: 'Mutation.updateViewer',
    with: ({ newWord }) => ({ name: newWord() }),
    spare: true,
    verdicts: everybody('DONE'),
  },
  {
    field: 'Mutation.signOutEverywhere',
    with: () => ({ tokens: true }),
    spare: true,
    signsOut: true,
    verdicts: everybody('DONE'),
  },

  { field: 'Subscription.jobChanged', with: ({ backup }) => ({ id: backup }), verdicts: pushed },
  { field: 'Subscription.projectChanged', with: ({ project }) => ({ projectId: project }), verdicts: pushed },
];
