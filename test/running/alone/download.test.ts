import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api } from '../../support/api.js';
import { Databases } from '../../support/databases.js';
import { Downloads, type DownloadSeen } from '../../support/downloads.js';
import { startHoldfast, type RunningHoldfast } from '../../support/holdfast.js';
import { killAndAwait, postgresPrograms } from '../../support/processes.js';
import { makeEnvironment, makeProject, tellJob } from '../../support/projects.js';
import { StorageTree } from '../../support/storageTree.js';
import { Temporal } from '../../support/temporal.js';
import { until } from '../../support/until.js';

const run = promisify(execFile);
const both = ['DATABASE', 'MEDIA'];
let holdfast: RunningHoldfast;
let api: Api;
let databases: Databases;
let downloads: Downloads;
let temporal: Temporal;
let storage: StorageTree;
let folder: string;
let project: string;
let databaseUrl: string;
let made = 0;

beforeAll(async () => {
  holdfast = await startHoldfast({
    HOLDFAST_DEMO: '0',
    HOLDFAST_OUTAGE_SECONDS: '5',
    HOLDFAST_MEDIA_SETTLE_SECONDS: '2',
    // Slow enough that a test can look at a download under way.
    HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND: '20000000',
  });
  const ready = await holdfast.ready();
  api = new Api(ready.graphql, ready.token);
  databases = await Databases.of(holdfast.data);
  downloads = new Downloads(api);
  temporal = await Temporal.of(ready);
  storage = new StorageTree(path.join(holdfast.data, 'storage'));
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-download-'));
  project = await makeProject(api, 'download');
  databaseUrl = (await databases.make('download', 5)).url;
});

afterAll(async () => {
  await temporal.close();
  await holdfast.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A backup of the database and of some files; answers with its id. */
async function backUp(bytes: number): Promise<{ source: string; environmentId: string; directory: string }> {
  made += 1;
  const directory = path.join(folder, `media-${made}`);
  await mkdir(path.join(directory, 'nothing'), { recursive: true });
  await writeFile(path.join(directory, 'a 🦊\n.jpg'), 'fox');
  await writeFile(path.join(directory, 'large.bin'), randomBytes(bytes));
  await symlink('../outside', path.join(directory, 'link'));
  const environmentId = await makeEnvironment(api, project, `site-${made}`, {
    databaseUrl,
    media: { directory },
  });
  const { id } = await api.untilBackup(await api.createBackup(environmentId, both), ['SUCCEEDED']);
  return { source: id, environmentId, directory };
}

/** What lies in storage of a download. */
const objectsOf = async (id: string) =>
  (await storage.objects()).filter((key) => key.includes(`/downloads/${id}/`));

/** Saves the files as somebody with their addresses has them; answers paths by content. */
async function fetched(download: DownloadSeen): Promise<Record<string, string>> {
  const paths: Record<string, string> = {};
  for (const { name, content, bytes } of await downloads.fetchFiles(download)) {
    paths[content] = path.join(folder, name);
    await writeFile(path.join(folder, name), bytes);
  }
  return paths;
}

/** That the files of a download are whole, and that nothing else lies there. */
async function requireReady(id: string, directory: string): Promise<void> {
  const download = await downloads.until(id, ['SUCCEEDED']);
  expect(download).toMatchObject({ failure: null, contents: both });
  expect(Date.parse(download.expiresAt ?? '')).toBeGreaterThan(Date.now() + 6 * 24 * 3_600_000);
  expect(await objectsOf(id)).toHaveLength(1);
  const { DATABASE: dump = '', MEDIA: tar = '' } = await fetched(download);
  const { stdout: list } = await run(path.join(await postgresPrograms(holdfast), 'pg_restore'), ['-l', dump]);
  expect(list).toContain('TABLE DATA public notes');
  const { stdout: names } = await run('tar', ['-tf', tar, '--quoting-style=literal']);
  expect(names).toBe('manifest.jsonl\nmedia/a 🦊\n.jpg\nmedia/large.bin\nmedia/link\nmedia/nothing/\n');
  const out = await mkdtemp(path.join(folder, 'out-'));
  await run('tar', ['-xf', tar, '-C', out]);
  const lines = (await readFile(path.join(out, 'manifest.jsonl'), 'utf8')).trim().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as { path: string; type: string; sha256?: string });
  expect(entries.map(({ path: name, type }) => [name, type])).toEqual([
    ['a 🦊\n.jpg', 'file'],
    ['large.bin', 'file'],
    ['link', 'symlink'],
    ['nothing', 'directory'],
  ]);
  for (const { path: name, sha256 } of entries) {
    if (!sha256) continue;
    const bytes = await readFile(path.join(out, 'media', name));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    expect(bytes.equals(await readFile(path.join(directory, name)))).toBe(true);
  }
}

test('a download of both has the stored dump and one archive, which go when it is revoked', async () => {
  const { source, directory } = await backUp(3_000_000);
  const id = await downloads.begin(source, both);
  await requireReady(id, directory);
  const [part] =
    (await storage.document(source))?.parts.filter(({ content }) => content === 'DATABASE') ?? [];
  const { files } = await downloads.look(id);
  expect(files.find(({ content }) => content === 'DATABASE')).toMatchObject({
    size: part?.size,
    sha256: part?.sha256,
  });
  await downloads.revoke(id);
  await until('its archive is gone', 60_000, async () => (await objectsOf(id)).length === 0);
  expect(await storage.document(source)).not.toBeNull();
});

test('a worker killed while it prepares leaves one whole archive in the end', async () => {
  const { source, directory } = await backUp(60_000_000);
  const id = await downloads.begin(source, both);
  await until('the archive is being written', 60_000, async () => {
    const { progress } = await downloads.look(id);
    return progress.phase === 'media' && (progress.fraction ?? 0) > 0.2;
  });
  await killAndAwait(holdfast, 'worker');
  await requireReady(id, directory);
});

test('one that is cancelled leaves nothing, and can be retried', async () => {
  const { source, directory } = await backUp(60_000_000);
  const id = await downloads.begin(source, both);
  await until('the archive is being written', 60_000, async () => {
    const { progress } = await downloads.look(id);
    return progress.phase === 'media' && (progress.fraction ?? 0) > 0.1;
  });
  await tellJob(api, 'cancelJob', id);
  await downloads.until(id, ['CANCELED']);
  expect(await objectsOf(id)).toEqual([]);
  await tellJob(api, 'retryJob', id);
  await requireReady(id, directory);
});

describe('one that failed, reset in Temporal after mending', () => {
  // Claim, database, media, clean-up, end.
  const tasks = [0, 1, 2, 3, 4];

  test.each(tasks)('at task %i is done once', async (task) => {
    const { source, environmentId, directory } = await backUp(100_000);
    const [pack = ''] = (await storage.ofEnvironment(environmentId)).filter((key) => key.endsWith('.tar'));
    const file = path.join(storage.root, pack);
    await rename(file, `${file}.away`);
    const id = await downloads.begin(source, both);
    const workflow = `download/${id}`;
    const failed = await downloads.until(id, ['FAILED']);
    expect(failed.failure).toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(failed.files).toEqual([]);
    await until(
      'its run has closed',
      60_000,
      async () => (await temporal.look(workflow)).status === 'FAILED',
    );
    expect(await objectsOf(id)).toEqual([]);
    await rename(`${file}.away`, file);
    const points = await temporal.resetPoints(workflow);
    expect(points).toHaveLength(tasks.length);
    const point = points.at(task);
    const runId = await temporal.reset(workflow, point ?? expect.fail('there is no such task'));
    await until('it succeeded', 60_000, async () => (await downloads.look(id)).status === 'SUCCEEDED');
    await requireReady(id, directory);
    expect((await downloads.look(id)).workflow.runId).toBe(runId);
    await until(
      'its run has closed',
      60_000,
      async () => (await temporal.look(workflow)).status === 'COMPLETED',
    );
  });
});
