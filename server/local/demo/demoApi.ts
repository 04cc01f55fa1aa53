import { DEMO_PROJECT_NAME, DEMO_PROJECT_SLUG, type DemoEnvironment } from './demoEnvironments.js';
import { refuseUserErrors, type SendGraphql, type UserError } from './graphqlClient.js';

/** The demo project as Holdfast knows it. */
export interface ApiProject {
  id: string;
  environments: ApiEnvironment[];
}

/** One environment of it. */
export interface ApiEnvironment {
  id: string;
  slug: string;
  gitCommit: string | null;
  deletedAt: string | null;
}

/** Where an environment's data is. The URL holds a password. */
export interface EnvironmentSources {
  databaseUrl: string;
  mediaDirectory: string;
}

const ENVIRONMENT_FIELDS = 'id slug gitCommit deletedAt';
const PROJECT_FIELDS = `id environments { ${ENVIRONMENT_FIELDS} }`;

/** The project with the demo's slug; null where there is none that the caller may see. */
export async function findDemoProject(send: SendGraphql): Promise<ApiProject | null> {
  const query = `query ($slug: String!) { project(slug: $slug) { ${PROJECT_FIELDS} } }`;
  const data = await send<{ project: ApiProject | null }>('Looking for the demo project', query, {
    slug: DEMO_PROJECT_SLUG,
  });
  return data.project;
}

/** Makes the project; throws where a rule says no. */
export async function createDemoProject(send: SendGraphql): Promise<ApiProject> {
  const what = 'Creating the demo project';
  const query = `mutation ($input: CreateProjectInput!) {
    createProject(input: $input) { project { ${PROJECT_FIELDS} } userErrors { code message } }
  }`;
  const input = { slug: DEMO_PROJECT_SLUG, name: DEMO_PROJECT_NAME };
  const data = await send<{ createProject: { project: ApiProject | null; userErrors: UserError[] } }>(
    what,
    query,
    { input },
  );
  refuseUserErrors(what, data.createProject.userErrors);
  return present(what, data.createProject.project);
}

/** Makes the environment with its database and media; throws where a rule says no. */
export async function createDemoEnvironment(
  send: SendGraphql,
  projectId: string,
  environment: DemoEnvironment,
  sources: EnvironmentSources,
): Promise<ApiEnvironment> {
  const { slug, name, stage } = environment;
  const input = { projectId, slug, name, stage, ...sourcesInput(sources) };
  return await changeEnvironment(
    send,
    'createEnvironment',
    'CreateEnvironmentInput',
    `Creating ${label(environment)}`,
    input,
  );
}

/** Tells Holdfast where the environment's database, media or both are now; all else of it stays. */
export async function moveDemoEnvironment(
  send: SendGraphql,
  id: string,
  environment: DemoEnvironment,
  sources: Partial<EnvironmentSources>,
): Promise<ApiEnvironment> {
  const input = { id, ...sourcesInput(sources) };
  return await changeEnvironment(
    send,
    'updateEnvironment',
    'UpdateEnvironmentInput',
    `Updating ${label(environment)}`,
    input,
  );
}

/** Records the commit that the demo environment is said to run. */
export async function recordDemoDeployment(
  send: SendGraphql,
  id: string,
  environment: DemoEnvironment,
): Promise<void> {
  const what = `Recording the deployment of ${label(environment)}`;
  const query = `mutation ($environmentId: ID!, $gitCommit: String!, $deployedAt: DateTime) {
    recordDeployment(environmentId: $environmentId, gitCommit: $gitCommit, deployedAt: $deployedAt) {
      userErrors { code message }
    }
  }`;
  const { gitCommit, deployedAt } = environment;
  const variables = { environmentId: id, gitCommit, deployedAt };
  const data = await send<{ recordDeployment: { userErrors: UserError[] } }>(what, query, variables);
  refuseUserErrors(what, data.recordDeployment.userErrors);
}

async function changeEnvironment(
  send: SendGraphql,
  mutation: 'createEnvironment' | 'updateEnvironment',
  inputType: string,
  what: string,
  input: Record<string, unknown>,
): Promise<ApiEnvironment> {
  const query = `mutation ($input: ${inputType}!) {
    result: ${mutation}(input: $input) { environment { ${ENVIRONMENT_FIELDS} } userErrors { code message } }
  }`;
  const data = await send<{ result: { environment: ApiEnvironment | null; userErrors: UserError[] } }>(
    what,
    query,
    { input },
  );
  refuseUserErrors(what, data.result.userErrors);
  return present(what, data.result.environment);
}

/** A part that is not given is left out of the request altogether. */
function sourcesInput({ databaseUrl, mediaDirectory }: Partial<EnvironmentSources>) {
  return { databaseUrl, media: mediaDirectory === undefined ? undefined : { directory: mediaDirectory } };
}

function label(environment: DemoEnvironment): string {
  return `the demo environment ${DEMO_PROJECT_SLUG}/${environment.slug}`;
}

function present<Value>(what: string, value: Value | null): Value {
  if (value === null) throw new Error(`${what} failed: the answer holds neither a result nor a reason.`);
  return value;
}
