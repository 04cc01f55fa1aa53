import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from '../../support/api.js';
import { Databases } from '../../support/databases.js';
import { startHoldfast, type RunningHoldfast } from '../../support/holdfast.js';
import { makeEnvironment, makeProject, tellJob } from '../../support/projects.js';
import { makeSmallDisk, type SmallDisk } from '../../support/smallDisk.js';
import { StorageTree } from '../../support/storageTree.js';
import { Temporal } from '../../support/temporal.js';
import { until } from '../../support/until.js';

const megabyte = 1024 * 1024;
let disk: SmallDisk;
let holdfast: RunningHoldfast;
let api: Api;
let databases: Databases;
let temporal: Temporal;
let storage: StorageTree;
let folder: string;
let project: string;

beforeAll(async () => {
  disk = await makeSmallDisk(32 * megabyte);
  const root = path.join(disk.folder, 'storage');
  await mkdir(root);
  holdfast = await startHoldfast({ HOLDFAST_DEMO: '0', HOLDFAST_STORAGE_DIR: root });
  const ready = await holdfast.ready();
  api = new Api(ready.graphql, ready.token);
  databases = await Databases.of(holdfast.data);
  temporal = await Temporal.of(ready);
  storage = new StorageTree(root);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  await writeFile(path.join(folder, 'large'), randomBytes(8 * megabyte));
  project = await makeProject(api, 'full');
});

afterAll(async () => {
  await temporal?.close();
  await holdfast?.stop();
  await disk?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

test.each([
  ['database', ['DATABASE']],
  ['media', ['MEDIA']],
  ['both', ['DATABASE', 'MEDIA']],
])(
  'a storage that fills up under %s: an honest failure, nothing left, and a retry once there is room',
  async (slug, contents) => {
    const { url } = await databases.make(`full_${slug}`, contents.length === 1 ? 8 : 1);
    const environmentId = await makeEnvironment(api, project, slug, {
      databaseUrl: url,
      media: { directory: folder },
    });
    await disk.fill(2 * megabyte);

    const backup = await api.untilBackup(await api.createBackup(environmentId, contents), ['FAILED'], 60_000);
    expect(backup.failure).toMatchObject({ code: 'STORAGE_FULL', retryable: true });
    expect(backup.failure?.message).toMatch(/The backup storage is full: .* are free.*Free or add space/);
    await until(
      'the workflow has failed',
      10_000,
      async () => (await temporal.look(backup.id)).status === 'FAILED',
    );
    expect(await temporal.look(backup.id)).toMatchObject({
      failureType: 'STORAGE_FULL',
      failureAttribute: 'STORAGE_FULL',
    });
    expect(await storage.ofEnvironment(environmentId)).toEqual([]);
    expect(
      await databases.catalogue('SELECT id FROM packs WHERE environment_id = $1', [environmentId]),
    ).toEqual([]);

    await disk.empty();
    await tellJob(api, 'retryJob', backup.id);
    await api.untilBackup(backup.id, ['SUCCEEDED'], 60_000);
    expect(await storage.explain(environmentId)).toEqual({ unexplained: [], missing: [] });
  },
);
