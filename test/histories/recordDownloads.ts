import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { Api } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { Downloads } from '../support/downloads.js';
import { startHoldfast, type RunningHoldfast } from '../support/holdfast.js';
import { Mailbox } from '../support/mailbox.js';
import { makeEnvironment, makeProject, tellJob } from '../support/projects.js';
import { StorageTree } from '../support/storageTree.js';
import { Temporal } from '../support/temporal.js';
import { until } from '../support/until.js';
import { keepHistory } from './keepHistory.js';

// A path that tells nothing about the machine.
const directory = '/tmp/holdfast-recording';
const both = ['DATABASE', 'MEDIA'];
let holdfast: RunningHoldfast;
let mailbox: Mailbox;
let api: Api;
let databases: Databases;
let temporal: Temporal;
let downloads: Downloads;
let storage: StorageTree;
let environmentId: string;
let source: string;

beforeAll(async () => {
  mailbox = await Mailbox.make();
  holdfast = await startHoldfast({
    HOLDFAST_DEMO: '0',
    HOLDFAST_MEDIA_SETTLE_SECONDS: '2',
    // Slow enough that a download can be met while it is at its media.
    HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND: '20000000',
    SMTP_URL: mailbox.url,
  });
  const ready = await holdfast.ready();
  api = new Api(ready.graphql, ready.token);
  downloads = new Downloads(api);
  databases = await Databases.of(holdfast.data);
  temporal = await Temporal.of(ready);
  storage = new StorageTree(path.join(holdfast.data, 'storage'));
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, 'one'), randomBytes(60_000_000));
  environmentId = await makeEnvironment(api, await makeProject(api, 'recording'), 'test', {
    databaseUrl: (await databases.make('recording')).url,
    media: { directory },
  });
  ({ id: source } = await api.untilBackup(await api.createBackup(environmentId, both), ['SUCCEEDED']));
});

afterAll(async () => {
  await temporal.close();
  await holdfast.stop();
  await mailbox.close();
  await rm(directory, { recursive: true, force: true });
});

test('success, and the mail about it', async () => {
  await mailbox.open();
  const id = await downloads.begin(source, both, true);
  await keep('download-success', id, 'SUCCEEDED');
  await keepMail('mail-success', id, 'SENT');
  await downloads.revoke(id);
});

test('failure, then its reset', async () => {
  const [pack = ''] = (await storage.ofEnvironment(environmentId)).filter(
    (key) => key.includes('/packs/') && key.endsWith('.tar'),
  );
  const file = path.join(storage.root, pack);
  await rename(file, `${file}.away`);
  const id = await downloads.begin(source, both);
  await keep('download-failure', id, 'FAILED');
  await rename(`${file}.away`, file);
  await reset(`download/${id}`);
  await keep('download-reset', id, 'SUCCEEDED');
  await downloads.revoke(id);
});

test('canceled, then its reset', async () => {
  const id = await downloads.begin(source, both);
  await until('the archive is being written', 60_000, async () => {
    const { phase, fraction } = (await downloads.look(id)).progress;
    return phase === 'media' && (fraction ?? 0) > 0.1;
  });
  await tellJob(api, 'cancelJob', id);
  await keep('download-canceled', id, 'CANCELED');
  await reset(`download/${id}`);
  await keep('download-canceled-reset', id, 'SUCCEEDED');
  await downloads.revoke(id);
});

test('a mail that waits for the mail server', async () => {
  await mailbox.close();
  const id = await downloads.begin(source, ['DATABASE'], true);
  await until('the mail waits', 30_000, async () => (await downloads.look(id)).mailProblem);
  await mailbox.open();
  await keepMail('mail-outage', id, 'SENT');
  await downloads.revoke(id);
});

test('a mail that was refused, then its reset', async () => {
  const refusal = Object.assign(new Error('no such mailbox'), { responseCode: 550 });
  await mailbox.open(() => Promise.reject(refusal));
  const id = await downloads.begin(source, ['DATABASE'], true);
  await keepMail('mail-failure', id, 'FAILED');
  await mailbox.open();
  await reset(await mailOf(id));
  await keepMail('mail-reset', id, 'SENT');
});

/** At the last task, which the end lies behind. */
async function reset(workflow: string): Promise<void> {
  const point = (await temporal.resetPoints(workflow)).at(-1);
  if (!point) throw new Error('It has no task');
  await temporal.reset(workflow, point);
}

/** Writes the history of the newest run, once it has ended so. */
async function keep(name: string, id: string, status: string): Promise<void> {
  await keepHistory(temporal, name, `download/${id}`, async (runId) => {
    const download = await downloads.look(id);
    return download.status === status && download.workflow.runId === runId;
  });
}

/** Writes the history of the mail about a download, once it stands so. */
async function keepMail(name: string, id: string, state: string): Promise<void> {
  await until('the mail has been begun', 60_000, async () => {
    return (await downloads.look(id)).mailState === state;
  });
  await keepHistory(temporal, name, await mailOf(id), async () => true);
}

async function mailOf(downloadId: string): Promise<string> {
  const [mail] = await databases.catalogue<{ id: string }>(
    'SELECT id FROM download_mails WHERE download_id = $1',
    [downloadId],
  );
  return `mail/${mail?.id}`;
}
