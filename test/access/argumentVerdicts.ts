import type { Cast } from './cast.js';

/**
 * What an argument or an input’s field is. One that names a thing (`id`, `slug`, `workflow`) is tried with what is
 * missing, malformed, deleted and somebody else’s, which must be answered alike. One that `narrows` a list is tried
 * with what would find something of somebody else’s. A `value` names nothing.
 */
export type ArgumentRow = 'id' | 'slug' | 'workflow' | 'value' | ((cast: Cast) => unknown);

const cursor = async ({ api, slug }: Cast) => {
  const found = await api.ask<{ backups: { pageInfo: { startCursor: string } } }>(
    'project',
    'query($s: String!) { project(slug: $s) { backups(first: 1) { pageInfo { startCursor } } } }',
    { s: slug },
  );
  return found.backups.pageInfo.startCursor;
};
const most = () => 100;
const longAgo = () => '2001-01-01T00:00:00Z';
const farAhead = () => '2999-01-01T00:00:00Z';

/** Add a row here for every new argument and every new field of an input. */
export const argumentRows: Record<string, ArgumentRow> = {
  'Query.node(id)': 'id',
  'Query.nodes(ids)': 'id',
  'Query.project(slug)': 'slug',
  'Query.projects(first)': most,
  'Query.projects(after)': cursor,
  'Query.projects(search)': ({ mark }) => mark,
  'Query.job(workflowId)': 'workflow',
  'Query.restorePlan(sourceId)': 'id',
  'Query.restorePlan(destinationId)': 'id',
  'Query.restorePlan(contents)': 'value',
  'Query.jobs(first)': most,
  'Query.jobs(after)': cursor,
  'Query.jobs(filter)': () => ({}),
  'JobFilter.kinds': () => ['BACKUP', 'RESTORE'],
  'JobFilter.statuses': () => ['SUCCEEDED', 'FAILED'],
  'JobFilter.failureCodes': () => ['MEDIA_NOT_FOUND'],
  'JobFilter.projectIds': ({ project }) => [project],
  'JobFilter.environmentIds': ({ environment, brokenEnvironment }) => [environment, brokenEnvironment],
  'JobFilter.updatedAfter': longAgo,
  'JobFilter.createdAfter': longAgo,
  'JobFilter.createdBefore': farAhead,

  'Project.environment(slug)': ({ environmentSlug }) => environmentSlug,
  'Project.environments(stages)': () => ['LIVE', 'TEST'],
  'Project.backups(first)': most,
  'Project.backups(after)': cursor,
  'Project.backups(last)': most,
  'Project.backups(before)': cursor,
  'Project.backups(filter)': () => ({}),
  'Project.restores(first)': most,
  'Project.restores(after)': cursor,
  'Project.jobs(first)': most,
  'Project.jobs(after)': cursor,
  'Project.jobs(filter)': () => ({}),
  'BackupFilter.kinds': () => ['ON_DEMAND'],
  'BackupFilter.stages': () => ['TEST'],
  'BackupFilter.environmentIds': ({ environment }) => [environment],
  'BackupFilter.statuses': () => ['SUCCEEDED'],
  'BackupFilter.contents': () => ['MEDIA'],
  'BackupFilter.createdAfter': longAgo,
  'BackupFilter.createdBefore': farAhead,
  'BackupFilter.search': ({ mark }) => mark,
  'Environment.latestBackup(contents)': 'value',
  'Environment.latestBackup(kinds)': 'value',

  'Mutation.createBackup(input)': 'value',
  'CreateBackupInput.environmentId': 'id',
  'CreateBackupInput.contents': 'value',
  'CreateBackupInput.note': 'value',
  // Keys are per caller: somebody else’s never answers.
  'CreateBackupInput.idempotencyKey': 'value',
  'Mutation.updateBackup(input)': 'value',
  'UpdateBackupInput.id': 'id',
  'UpdateBackupInput.note': 'value',
  'Mutation.restoreBackup(input)': 'value',
  'RestoreBackupInput.sourceId': 'id',
  'RestoreBackupInput.destinationId': 'id',
  'RestoreBackupInput.contents': 'value',
  'RestoreBackupInput.confirmation': 'value',
  'RestoreBackupInput.safetyBackup': 'value',
  'RestoreBackupInput.idempotencyKey': 'value',
  'Mutation.undoRestore(id)': 'id',
  'Mutation.cancelJob(id)': 'id',
  'Mutation.retryJob(id)': 'id',
  'Mutation.recordDeployment(environmentId)': 'id',
  'Mutation.recordDeployment(gitCommit)': 'value',
  'Mutation.recordDeployment(deployedAt)': 'value',
  'Mutation.createEnvironment(input)': 'value',
  'CreateEnvironmentInput.projectId': 'id',
  'CreateEnvironmentInput.slug': 'value',
  'CreateEnvironmentInput.name': 'value',
  'CreateEnvironmentInput.stage': 'value',
  'CreateEnvironmentInput.databaseUrl': 'value',
  'CreateEnvironmentInput.media': 'value',
  'CreateEnvironmentInput.keepMediaFolder': 'value',
  'MediaSourceInput.directory': 'value',
  'MediaSourceInput.s3': 'value',
  'S3SourceInput.bucket': 'value',
  'S3SourceInput.prefix': 'value',
  'S3SourceInput.endpoint': 'value',
  'S3SourceInput.region': 'value',
  'S3SourceInput.accessKeyId': 'value',
  'S3SourceInput.secretAccessKey': 'value',
  'Mutation.updateEnvironment(input)': 'value',
  'UpdateEnvironmentInput.id': 'id',
  'UpdateEnvironmentInput.name': 'value',
  'UpdateEnvironmentInput.databaseUrl': 'value',
  'UpdateEnvironmentInput.media': 'value',
  'UpdateEnvironmentInput.keepMediaFolder': 'value',
  'Mutation.checkEnvironment(id)': 'id',
  'Mutation.deleteEnvironment(id)': 'id',
  'Mutation.deleteEnvironment(confirmation)': 'value',
  'Mutation.setMember(projectId)': 'id',
  // Tried in people.test.ts: whether an address has an account is answered alike.
  'Mutation.setMember(email)': 'value',
  'Mutation.setMember(role)': 'value',
  // Slugs are unique across projects: that one is taken is told to whoever wants it.
  'Mutation.createProject(input)': 'value',
  'CreateProjectInput.slug': 'value',
  'CreateProjectInput.name': 'value',
  'Mutation.createApiToken(name)': 'value',
  'Mutation.createApiToken(expiresAt)': 'value',
  'Mutation.revokeApiToken(id)': 'id',
  'Mutation.updateViewer(name)': 'value',
  'Mutation.signOutEverywhere(tokens)': 'value',

  'Subscription.jobChanged(id)': 'id',
  'Subscription.projectChanged(projectId)': 'id',
  'Subscription.projectChanged(kinds)': 'value',
};
