import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import type { Api } from '../support/api.js';
import { Databases, type ProjectDatabase } from '../support/databases.js';
import { makeEnvironment, makeProject, moveEnvironment, tellJob } from '../support/projects.js';
import { Relay } from '../support/relay.js';
import { Restores } from '../support/restores.js';
import { sharedHoldfast } from '../support/shared.js';
import { Temporal } from '../support/temporal.js';
import { until } from '../support/until.js';
import { keepHistory } from './keepHistory.js';

// A path that tells nothing about the machine.
const folder = '/tmp/holdfast-recording';
const directory = path.join(folder, 'media');
const both = ['DATABASE', 'MEDIA'];
let api: Api;
let databases: Databases;
let temporal: Temporal;
let restores: Restores;
let database: ProjectDatabase;
let environmentId: string;
let source: string;

beforeAll(async () => {
  const { api: shared, data, ready } = await sharedHoldfast();
  api = shared;
  restores = new Restores(api);
  databases = await Databases.of(data);
  temporal = await Temporal.of(ready);
  // Large enough that a restore can be met while it is at its database.
  database = await databases.make('recording', 30, 'CREATEDB');
  await mkdir(directory, { recursive: true });
  for (const name of ['one', 'two']) await writeFile(path.join(directory, name), name);
  environmentId = await makeEnvironment(api, await makeProject(api, 'recording'), 'test', {
    databaseUrl: database.url,
    media: { directory },
  });
  ({ id: source } = await api.untilBackup(await api.createBackup(environmentId, both), ['SUCCEEDED']));
});

afterAll(async () => {
  await temporal.close();
  await rm(folder, { recursive: true, force: true });
});

test('a survey', async () => {
  await restores.plan({ sourceId: source, destinationId: environmentId, contents: both });
  const query = `WorkflowType = 'surveyRestore' AND ExecutionStatus = 'Completed'`;
  const found = await until('the survey has ended', 30_000, async () => {
    for await (const { workflowId } of temporal.client.workflow.list({ query })) return workflowId;
    return null;
  });
  await keepHistory(temporal, 'restore-survey', found, async () => true);
});

test('success, then its undo', async () => {
  const id = await begin(true);
  await keep('restore-success', id, 'SUCCEEDED');
  await keep('restore-undo', await restores.undo(id), 'SUCCEEDED');
});

test('success of one content, without a safety backup', async () => {
  await keep('restore-media', await begin(false, ['MEDIA']), 'SUCCEEDED');
});

test('failure, then its reset', async () => {
  await databases.setPassword(database, 'another one');
  const id = await begin(false);
  await keep('restore-failure', id, 'FAILED');
  await databases.setPassword(database, database.password);
  await reset(id);
  await keep('restore-reset', id, 'SUCCEEDED');
});

test('canceled, then its reset', async () => {
  const id = await begin(false);
  await until('the database is being restored', 60_000, async () => {
    return (await databases.names(`${database.name}_restore_`)).length === 1;
  });
  await tellJob(api, 'cancelJob', id);
  await keep('restore-canceled', id, 'CANCELED');
  await reset(id);
  await keep('restore-canceled-reset', id, 'SUCCEEDED');
});

test('outage', async () => {
  const relay = await Relay.to(databases.port);
  const { name, password } = database;
  await moveEnvironment(api, environmentId, {
    databaseUrl: `postgres://${name}:${password}@127.0.0.1:${relay.port}/${name}`,
  });
  relay.cut();
  const id = await begin(false);
  await until('it has been tried twice', 30_000, async () => (await restores.look(id)).progress.attempt >= 2);
  relay.mend();
  await keep('restore-outage', id, 'SUCCEEDED');
  await relay.stop();
});

async function begin(safetyBackup: boolean, contents = both): Promise<string> {
  return restores.begin({ sourceId: source, destinationId: environmentId, contents, safetyBackup });
}

/** At the last task, which the failure lies behind. */
async function reset(id: string): Promise<void> {
  const point = (await temporal.resetPoints(`restore/${id}`)).at(-1);
  if (!point) throw new Error('It has no task');
  await temporal.reset(`restore/${id}`, point);
}

/** Writes the history of the newest run, once it has ended so. */
async function keep(name: string, id: string, status: string): Promise<void> {
  await keepHistory(temporal, name, `restore/${id}`, async (runId) => {
    const restore = await restores.look(id);
    return restore.status === status && restore.workflow.runId === runId;
  });
}
