import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api } from '../../support/api.js';
import { Databases } from '../../support/databases.js';
import { Downloads, type DownloadSeen } from '../../support/downloads.js';
import { startHoldfast, type RunningHoldfast } from '../../support/holdfast.js';
import { Mailbox } from '../../support/mailbox.js';
import { killAndAwait } from '../../support/processes.js';
import { makeEnvironment, makeProject } from '../../support/projects.js';
import { StorageTree } from '../../support/storageTree.js';
import { Temporal } from '../../support/temporal.js';
import { until } from '../../support/until.js';

const both = ['DATABASE', 'MEDIA'];
let holdfast: RunningHoldfast;
let mailbox: Mailbox;
let api: Api;
let token: string;
let databases: Databases;
let downloads: Downloads;
let temporal: Temporal;
let storage: StorageTree;
let folder: string;
let project: string;
let databaseUrl: string;
let made = 0;

beforeAll(async () => {
  mailbox = await Mailbox.make();
  await mailbox.open();
  holdfast = await startHoldfast({
    HOLDFAST_DEMO: '0',
    HOLDFAST_OUTAGE_SECONDS: '3',
    HOLDFAST_MEDIA_SETTLE_SECONDS: '2',
    // Slow enough that a test can look at a download under way.
    HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND: '20000000',
    SMTP_URL: mailbox.url,
  });
  const ready = await holdfast.ready();
  ({ token } = ready);
  api = new Api(ready.graphql, token);
  databases = await Databases.of(holdfast.data);
  downloads = new Downloads(api);
  temporal = await Temporal.of(ready);
  storage = new StorageTree(path.join(holdfast.data, 'storage'));
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-download-'));
  project = await makeProject(api, 'download-ends');
  databaseUrl = (await databases.make('download_ends')).url;
});

afterAll(async () => {
  await temporal.close();
  await holdfast.stop();
  await mailbox.close();
  await rm(folder, { recursive: true, force: true });
});

/** A backup of the database and of a file of this size. */
async function backUp(bytes: number): Promise<{ source: string; environmentId: string }> {
  made += 1;
  const directory = path.join(folder, `media-${made}`);
  await mkdir(directory);
  await writeFile(path.join(directory, 'large.bin'), randomBytes(bytes));
  const environmentId = await makeEnvironment(api, project, `site-${made}`, {
    databaseUrl,
    media: { directory },
  });
  const { id } = await api.untilBackup(await api.createBackup(environmentId, both), ['SUCCEEDED']);
  return { source: id, environmentId };
}

/** What lies in storage of a download. */
const objectsOf = async (id: string) =>
  (await storage.objects()).filter((key) => key.includes(`/downloads/${id}/`));

/** A download of both that is there. */
async function prepared(): Promise<DownloadSeen> {
  const { source } = await backUp(100_000);
  return downloads.until(await downloads.begin(source, both), ['SUCCEEDED']);
}

async function expire(id: string): Promise<void> {
  await databases.catalogue(`UPDATE downloads SET expires_at = now() WHERE id = $1`, [id]);
}

/** Waits until housekeeping has noted that nothing is left of it. */
async function untilCleared(id: string): Promise<void> {
  await until('it is cleared', 60_000, async () => {
    const rows = await databases.catalogue('SELECT FROM downloads WHERE id = $1 AND cleared_at IS NOT NULL', [
      id,
    ]);
    return rows.length === 1;
  });
  expect(await objectsOf(id)).toEqual([]);
}

test('one that expires is refused at once, and its archive is removed; the backup stays', async () => {
  const { id, files } = await prepared();
  expect(await objectsOf(id)).toHaveLength(1);
  const addresses = files.map(({ url }) => url ?? '');
  // With an address that was minted before, and as a member with the stable one.
  const asked = async () => {
    const minted = addresses.map((address) => fetch(address));
    const stable = addresses.map((address) =>
      fetch(address.split('?')[0] ?? '', { headers: { authorization: `Bearer ${token}` } }),
    );
    const answers = await Promise.all([...minted, ...stable]);
    for (const each of answers) await each.arrayBuffer();
    return answers.map(({ status }) => status);
  };
  expect(await asked()).toEqual([200, 200, 200, 200]);
  await expire(id);
  expect(await asked()).toEqual([410, 410, 410, 410]);
  const ended = await downloads.look(id);
  expect(ended).toMatchObject({ status: 'SUCCEEDED', files: [] });
  expect(ended.can).toEqual(['REISSUE']);
  await untilCleared(id);
  // What it shared with the backup is the backup’s.
  const { source } = await api.ask<{ source: { id: string } }>(
    'node',
    'query($id: ID!) { node(id: $id) { ... on Download { source { ... on Backup { id } } } } }',
    { id },
  );
  expect((await storage.document(source.id))?.parts).toHaveLength(2);
  const again = await downloads.until(await downloads.begin(source.id, both), ['SUCCEEDED']);
  expect(again.id).not.toBe(id);
  await downloads.fetchFiles(again);
});

test('a worker killed while it removes an expired one removes the rest when it is back', async () => {
  const { id } = await prepared();
  const [archive = ''] = await objectsOf(id);
  // As if many attempts had been cut off: so many that removing what they left takes a while.
  const count = 1_500;
  const prefix = path.join(storage.root, path.dirname(path.dirname(archive)));
  for (let attempt = 0; attempt < count; attempt += 1) {
    await mkdir(path.join(prefix, `cut-off-${attempt}`));
    await writeFile(path.join(prefix, `cut-off-${attempt}`, 'media.tar'), 'x');
  }
  await expire(id);
  await until('it is being removed', 60_000, async () => (await objectsOf(id)).length < count);
  await killAndAwait(holdfast, 'worker');
  expect(await objectsOf(id)).not.toEqual([]);
  await untilCleared(id);
});

test('one whose backup is deleted while it is prepared fails, and nothing of it can be had', async () => {
  const { source } = await backUp(60_000_000);
  const id = await downloads.begin(source, both, true);
  await until('the archive is being written', 60_000, async () => {
    const { phase, fraction } = (await downloads.look(id)).progress;
    return phase === 'media' && (fraction ?? 0) > 0.2;
  });
  await databases.catalogue('DELETE FROM backups WHERE id = $1', [source]);
  const failed = await downloads.until(id, ['FAILED']);
  expect(failed.failure).toMatchObject({ code: 'BACKUP_GONE', retryable: false });
  expect(failed).toMatchObject({ files: [], expiresAt: null });
  expect(failed.can).toEqual([]);
  expect(await objectsOf(id)).toEqual([]);
  expect(await mailbox.about(id)).toEqual([]);
});

/** What makes a download fail until it is mended. */
interface Cause {
  code: string;
  spoil: () => Promise<void>;
  mend: () => Promise<void>;
}

/** A byte of a pack has changed where it lies. */
async function damagedPack(environmentId: string): Promise<Cause> {
  const [pack = ''] = (await storage.ofEnvironment(environmentId)).filter(
    (key) => key.includes('/packs/') && key.endsWith('.tar'),
  );
  const file = path.join(storage.root, pack);
  const whole = await readFile(file);
  const damaged = Buffer.from(whole);
  damaged.writeUInt8(damaged.readUInt8(50_000) ^ 1, 50_000);
  return {
    code: 'BACKUP_DAMAGED',
    spoil: () => writeFile(file, damaged),
    mend: () => writeFile(file, whole),
  };
}

async function storageAway(): Promise<Cause> {
  const away = `${storage.root}.away`;
  return {
    code: 'STORAGE_UNREACHABLE',
    spoil: () => rename(storage.root, away),
    mend: () => rename(away, storage.root),
  };
}

describe.each([
  ['a pack is damaged', damagedPack],
  ['the storage is away', storageAway],
])('one that failed because %s', (_name, make) => {
  test('is done once by a reset at each of its tasks, with one mail', async () => {
    const { source, environmentId } = await backUp(100_000);
    const { code, spoil, mend } = await make(environmentId);
    for (let task = 0, tasks = 1; task < tasks; task += 1) {
      await spoil();
      const id = await downloads.begin(source, both, true);
      const workflow = `download/${id}`;
      const failed = await downloads.until(id, ['FAILED']).finally(mend);
      expect(failed.failure).toMatchObject({ code });
      expect(failed).toMatchObject({ files: [], mailState: 'PENDING' });
      await until(
        'its run has closed',
        60_000,
        async () => (await temporal.look(workflow)).status === 'FAILED',
      );
      const points = await temporal.resetPoints(workflow);
      tasks = points.length;
      const runId = await temporal.reset(workflow, points.at(task) ?? expect.fail('there is no such task'));
      const done = await until(`reset at task ${task} it is mailed`, 90_000, async () => {
        const download = await downloads.look(id);
        return download.mailState === 'SENT' ? download : null;
      });
      expect(done).toMatchObject({ status: 'SUCCEEDED', failure: null, workflow: { runId } });
      expect((await downloads.fetchFiles(done)).map(({ content }) => content)).toEqual(both);
      expect(await objectsOf(id)).toHaveLength(1);
      await until('its run has closed', 60_000, async () => {
        return (await temporal.look(workflow)).status === 'COMPLETED';
      });
      expect(await mailbox.about(id)).toHaveLength(1);
      // Else the next one would join.
      await downloads.revoke(id);
    }
  });
});
