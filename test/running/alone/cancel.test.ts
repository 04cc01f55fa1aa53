import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Api, type BackupSeen } from '../../support/api.js';
import { Databases } from '../../support/databases.js';
import { startHoldfast, type RunningHoldfast } from '../../support/holdfast.js';
import { dumpsOf, pidOf } from '../../support/processes.js';
import { makeEnvironment, makeProject, tellJob } from '../../support/projects.js';
import { StorageTree } from '../../support/storageTree.js';
import { Temporal } from '../../support/temporal.js';
import { until } from '../../support/until.js';

const megabyte = 1024 * 1024;
let holdfast: RunningHoldfast;
let api: Api;
let databases: Databases;
let temporal: Temporal;
let storage: StorageTree;
let folder: string;
let environmentId: string;

beforeAll(async () => {
  // Slow enough for every moment to be met; one step at a time, so that a second backup waits.
  holdfast = await startHoldfast({
    HOLDFAST_DEMO: '0',
    HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND: String(3 * megabyte),
    HOLDFAST_WORKER_STEPS: '1',
  });
  const ready = await holdfast.ready();
  api = new Api(ready.graphql, ready.token);
  databases = await Databases.of(holdfast.data);
  temporal = await Temporal.of(ready);
  storage = new StorageTree(path.join(holdfast.data, 'storage'));
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  const { url } = await databases.make('cancel', 10);
  environmentId = await makeEnvironment(api, await makeProject(api, 'cancel'), 'test', {
    databaseUrl: url,
    media: { directory: folder },
  });
});

// Content that no earlier backup holds: what is known is copied in no time.
beforeEach(async () => {
  for (const name of ['one', 'two', 'three']) {
    await writeFile(path.join(folder, name), randomBytes(2 * megabyte));
  }
});

afterAll(async () => {
  await temporal.close();
  await holdfast.stop();
  await rm(folder, { recursive: true, force: true });
});

const backUp = () => api.createBackup(environmentId, ['DATABASE', 'MEDIA']);

/** Waits for a moment in a backup’s life. */
async function reaches(id: string, what: string, there: (backup: BackupSeen) => boolean): Promise<void> {
  await until(`the backup is ${what}`, 60_000, async () => there(await api.backup(id)));
}

const inDatabase = ({ progress }: BackupSeen) => progress.phase === 'database' && progress.doneBytes > 0;
const inMedia = ({ progress }: BackupSeen) =>
  progress.phase === 'media' && progress.totalBytes !== null && progress.doneBytes > progress.totalBytes / 2;

/** Waits until the backup is cancelled, and looks in the same moment for what should be gone. */
async function requireCleanEnd(id: string, withinMs: number): Promise<number> {
  const begun = performance.now();
  await until('it is cancelled', withinMs, async () => (await api.backup(id)).status === 'CANCELED');
  const [objects, dumps] = await Promise.all([
    storage.ofBackup(id),
    dumpsOf(await pidOf(holdfast, 'worker')),
  ]);
  const tookMs = Math.round(performance.now() - begun);
  expect({ objects, dumps }).toEqual({ objects: [], dumps: [] });
  expect(await databases.catalogue('SELECT id FROM packs WHERE writing_backup_id = $1', [id])).toEqual([]);
  expect(await storage.explain(environmentId)).toEqual({ unexplained: [], missing: [] });
  return tookMs;
}

async function closes(id: string, status: string): Promise<void> {
  await until(`its workflow is ${status}`, 20_000, async () => (await temporal.look(id)).status === status);
}

describe('a backup that is cancelled', () => {
  test('while Temporal is away never begins', async () => {
    const pid = await pidOf(holdfast, 'temporal');
    process.kill(pid, 'SIGSTOP');
    let id: string;
    try {
      id = await backUp();
      expect((await api.backup(id)).status).toBe('QUEUED');
      expect(await tellJob(api, 'cancelJob', id)).toBe('CANCELED');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await requireCleanEnd(id, 1_000);
    const next = await backUp();
    await reaches(next, 'being dumped', inDatabase);
    await tellJob(api, 'cancelJob', next);
    await requireCleanEnd(next, 10_000);
    expect((await api.backup(id)).status).toBe('CANCELED');
  });

  test('while its database is dumped stops at once and leaves nothing', async () => {
    const id = await backUp();
    await reaches(id, 'being dumped', inDatabase);
    expect(await dumpsOf(await pidOf(holdfast, 'worker'))).not.toEqual([]);
    await tellJob(api, 'cancelJob', id);
    console.info(`cancelled in its database within ${await requireCleanEnd(id, 10_000)} ms`);
    await closes(id, 'CANCELLED');
  });

  test('while its media are copied stops at once and leaves nothing', async () => {
    const id = await backUp();
    await reaches(id, 'being copied', inMedia);
    await tellJob(api, 'cancelJob', id);
    console.info(`cancelled in its media within ${await requireCleanEnd(id, 10_000)} ms`);
    await closes(id, 'CANCELLED');
  });

  test('while it waits behind another stops at once, and the other goes on', async () => {
    const other = await backUp();
    await reaches(other, 'being dumped', inDatabase);
    const id = await backUp();
    await reaches(id, 'claimed', ({ status }) => status === 'RUNNING');
    await tellJob(api, 'cancelJob', id);
    const asked = performance.now();
    await reaches(id, 'cancelled', ({ status }) => status === 'CANCELED');
    console.info(`cancelled in its queue within ${Math.round(performance.now() - asked)} ms`);
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(await storage.ofBackup(id)).toEqual([]);
    await api.untilBackup(other, ['SUCCEEDED']);
    expect(await storage.explain(environmentId)).toEqual({ unexplained: [], missing: [] });
  });
});

describe('what support staff do in Temporal', () => {
  test('a cancel before the row is claimed ends the backup', async () => {
    const worker = await pidOf(holdfast, 'worker');
    process.kill(worker, 'SIGSTOP');
    let id: string;
    try {
      id = await backUp();
      await until('its workflow is there', 10_000, () =>
        temporal.cancel(id).then(
          () => true,
          () => false,
        ),
      );
    } finally {
      process.kill(worker, 'SIGCONT');
    }
    await requireCleanEnd(id, 60_000);
    await closes(id, 'CANCELLED');
  });

  test('a cancel while it runs ends the backup and leaves nothing', async () => {
    const id = await backUp();
    await reaches(id, 'being dumped', inDatabase);
    await temporal.cancel(id);
    console.info(`cancelled in Temporal within ${await requireCleanEnd(id, 60_000)} ms`);
  });

  test('terminating it fails the backup, honestly, and a retry makes one result', async () => {
    const id = await backUp();
    await reaches(id, 'being copied', inMedia);
    await temporal.terminate(id);
    const asked = performance.now();
    const failed = await api.untilBackup(id, ['FAILED'], 60_000);
    console.info(`terminated in Temporal, seen within ${Math.round(performance.now() - asked)} ms`);
    expect(failed.failure).toMatchObject({ code: 'INTERNAL', retryable: true });
    expect(failed.failure?.message).toMatch(/terminated in Temporal/);
    await tellJob(api, 'retryJob', id);
    await api.untilBackup(id, ['SUCCEEDED']);
    expect(await storage.explain(environmentId)).toEqual({ unexplained: [], missing: [] });
  });

  test('a reset while it runs makes one result', async () => {
    const id = await backUp();
    await reaches(id, 'being copied', inMedia);
    const [first] = await temporal.resetPoints(id);
    if (!first) throw new Error('It has no task');
    const runId = await temporal.reset(id, first);
    const backup = await api.untilBackup(id, ['SUCCEEDED']);
    expect(backup.workflow.runId).toBe(runId);
    expect(await storage.explain(environmentId)).toEqual({ unexplained: [], missing: [] });
  });
});
