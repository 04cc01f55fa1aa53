import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import type { Api } from '../support/api.js';
import { Databases, type ProjectDatabase } from '../support/databases.js';
import { freePort } from '../support/holdfast.js';
import { makeEnvironment, makeProject, moveEnvironment, tellJob } from '../support/projects.js';
import { sharedHoldfast } from '../support/shared.js';
import { Temporal } from '../support/temporal.js';
import { until } from '../support/until.js';
import { keepHistory } from './keepHistory.js';

// A path that tells nothing about the machine.
const directory = '/tmp/holdfast-recording';
const both = ['DATABASE', 'MEDIA'];
let api: Api;
let databases: Databases;
let temporal: Temporal;
let database: ProjectDatabase;
let environmentId: string;

beforeAll(async () => {
  const { api: shared, data, ready } = await sharedHoldfast();
  api = shared;
  databases = await Databases.of(data);
  temporal = await Temporal.of(ready);
  database = await databases.make('recording');
  await makeMedia();
  environmentId = await makeEnvironment(api, await makeProject(api, 'recording'), 'test', {
    databaseUrl: database.url,
    media: { directory },
  });
});

afterAll(async () => {
  await temporal.close();
  await removeMedia();
});

test('success', async () => {
  const id = await api.createBackup(environmentId, both);
  await keep('success', id, 'SUCCEEDED');
});

test('failure, then its reset', async () => {
  await removeMedia();
  const id = await api.createBackup(environmentId, both);
  await keep('failure', id, 'FAILED');
  await makeMedia();
  const point = (await temporal.resetPoints(id)).at(-1);
  if (!point) throw new Error('It has no task');
  await temporal.reset(id, point);
  await keep('reset', id, 'SUCCEEDED');
});

test('canceled', async () => {
  const id = await databases.whileLocked('LOCK TABLE packs', [], async () => {
    const asked = await api.createBackup(environmentId, both);
    await until('the media are being copied', 30_000, async () => (await api.backup(asked)).progress.phase === 'media');
    await tellJob(api, 'cancelJob', asked);
    // The step is held by the lock for long enough to hear of the wish.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    return asked;
  });
  await keep('canceled', id, 'CANCELED');
});

test('outage', async () => {
  const port = await freePort();
  await moveEnvironment(api, environmentId, { databaseUrl: `postgres://app:app@127.0.0.1:${port}/app` });
  const id = await api.createBackup(environmentId, both);
  await until('it has been tried twice', 30_000, async () => (await api.backup(id)).progress.attempt >= 2);
  await moveEnvironment(api, environmentId, { databaseUrl: database.url });
  await keep('outage', id, 'SUCCEEDED');
});

async function makeMedia(): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of ['one', 'two']) await writeFile(path.join(directory, name), name);
}

async function removeMedia(): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

/** Writes the history of the newest run, once it has ended so. */
async function keep(name: string, id: string, status: string): Promise<void> {
  await keepHistory(temporal, name, id, async (runId) => {
    const backup = await api.backup(id);
    return backup.status === status && backup.workflow.runId === runId;
  });
}
