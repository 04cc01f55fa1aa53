import type { Api, BackupSeen } from './api.js';

/** Where an environment’s data lies. */
export interface Sources {
  databaseUrl?: string | null;
  media?: { directory: string } | { s3: Record<string, unknown> } | null;
}

/** What was pushed to somebody who watches a project. */
export interface EventSeen {
  kind: string;
  job: Pick<BackupSeen, 'id' | 'status' | 'failure'> | null;
}

let made = 0;

/** Makes a project of its own for a test. */
export async function makeProject(api: Api, name: string): Promise<string> {
  made += 1;
  const slug = `${name}-${process.pid}-${made}`;
  const { id } = await api.make<{ id: string }>(
    'createProject',
    'project',
    `mutation($input: CreateProjectInput!) { createProject(input: $input) { project { id } userErrors { code field message } } }`,
    { input: { slug, name } },
  );
  return id;
}

/** Adds an environment; throws where it is refused. */
export async function makeEnvironment(
  api: Api,
  projectId: string,
  slug: string,
  sources: Sources,
): Promise<string> {
  const { id } = await api.make<{ id: string }>(
    'createEnvironment',
    'environment',
    `mutation($input: CreateEnvironmentInput!) {
      createEnvironment(input: $input) { environment { id } userErrors { code field message } } }`,
    { input: { projectId, slug, name: slug, stage: 'TEST', ...sources } },
  );
  return id;
}

/** Changes where an environment’s data lies; throws where it is refused. */
export async function moveEnvironment(api: Api, id: string, sources: Sources): Promise<void> {
  await api.make(
    'updateEnvironment',
    'environment',
    `mutation($input: UpdateEnvironmentInput!) {
      updateEnvironment(input: $input) { environment { id } userErrors { code field message } } }`,
    { input: { id, ...sources } },
  );
}

/** Asks for a job to be run again or to be stopped; answers with its status then. */
export async function tellJob(api: Api, mutation: 'retryJob' | 'cancelJob', id: string): Promise<string> {
  const job = await api.make<{ status: string }>(
    mutation,
    'job',
    `mutation($id: ID!) { ${mutation}(id: $id) { job { status } userErrors { code field message } } }`,
    { id },
  );
  return job.status;
}

/** Watches a project as a browser does; `stop` when done. */
export function watchProject(
  api: Api,
  projectId: string,
): { events: EventSeen[]; stop: () => Promise<void> } {
  const events: EventSeen[] = [];
  const client = api.socket();
  const query = `subscription($projectId: ID!) {
    projectChanged(projectId: $projectId) { kind job { id status failure { code message retryable } } } }`;
  const watching = (async () => {
    for await (const { data } of client.iterate<{ projectChanged: EventSeen }>({
      query,
      variables: { projectId },
    })) {
      if (data) events.push(data.projectChanged);
    }
  })();
  return {
    events,
    async stop() {
      await client.dispose();
      await watching;
    },
  };
}
