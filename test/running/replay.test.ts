import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api, BackupSeen } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { makeEnvironment, makeProject, tellJob } from '../support/projects.js';
import { sharedHoldfast } from '../support/shared.js';
import { StorageTree } from '../support/storageTree.js';
import { Temporal } from '../support/temporal.js';
import { until } from '../support/until.js';

let api: Api;
let databases: Databases;
let temporal: Temporal;
let storage: StorageTree;
let project: string;
let folder: string;
let databaseUrl: string;
const both = ['DATABASE', 'MEDIA'];

beforeAll(async () => {
  const { api: shared, data, ready } = await sharedHoldfast();
  api = shared;
  databases = await Databases.of(data);
  temporal = await Temporal.of(ready);
  storage = new StorageTree(path.join(data, 'storage'));
  project = await makeProject(api, 'replay');
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  databaseUrl = (await databases.make('replay')).url;
});

afterAll(async () => {
  await temporal.close();
  await rm(folder, { recursive: true, force: true });
});

/** A backup whose media folder is missing: it fails after its database was dumped. */
class Failing {
  private constructor(
    readonly environmentId: string,
    readonly id: string,
    private readonly directory: string,
  ) {}

  static async make(name: string): Promise<Failing> {
    const directory = path.join(folder, name);
    const environmentId = await makeEnvironment(api, project, name, { databaseUrl, media: { directory } });
    const failing = new Failing(environmentId, await api.createBackup(environmentId, both), directory);
    await failing.ends('FAILED');
    return failing;
  }

  async mend(): Promise<void> {
    await mkdir(this.directory);
    for (const file of ['one', 'two', 'three'])
      await writeFile(path.join(this.directory, file), file.repeat(1000));
  }

  async breakAgain(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }

  /** Waits until the newest run has closed, and the row says so. */
  async ends(status: string): Promise<BackupSeen> {
    return until(`the backup and its newest run are ${status}`, 60_000, async () => {
      const backup = await api.backup(this.id);
      if (backup.status !== status) return null;
      const { status: closed, runId } = await temporal.look(this.id);
      return closed !== 'RUNNING' && backup.workflow.runId === runId ? backup : null;
    });
  }

  /** Resets the newest run to its n-th task, 0 the first, -1 the last. */
  async reset(task: number): Promise<string> {
    const point = (await temporal.resetPoints(this.id)).at(task);
    if (!point) throw new Error(`There is no task ${task}`);
    return temporal.reset(this.id, point);
  }

  /** There is one result, whole, and nothing beside it. */
  async requireOneResult(): Promise<void> {
    const backup = await this.ends('SUCCEEDED');
    expect(backup.failure).toBeNull();
    expect(backup.parts.map(({ content }) => content)).toEqual(both);
    expect(await temporal.look(this.id)).toMatchObject({ status: 'COMPLETED', failureAttribute: null });
    const document = await storage.document(this.id);
    expect(document?.parts.map(({ content }) => content)).toEqual(both);
    expect(await storage.explain(this.environmentId)).toEqual({ unexplained: [], missing: [] });
    const rows = await databases.catalogue(
      `SELECT (SELECT count(*)::int FROM backup_parts WHERE backup_id = $1) AS parts,
         (SELECT count(*)::int FROM backup_packs WHERE backup_id = $1) AS references,
         (SELECT count(*)::int FROM packs WHERE environment_id = $2) AS packs`,
      [this.id, this.environmentId],
    );
    expect(rows).toEqual([{ parts: 2, references: 1, packs: 1 }]);
  }

  async requireNothingLeft(): Promise<void> {
    expect(await storage.ofEnvironment(this.environmentId)).toEqual([]);
    const rows = await databases.catalogue('SELECT id FROM packs WHERE environment_id = $1', [
      this.environmentId,
    ]);
    expect(rows).toEqual([]);
  }
}

describe('a backup that failed in its media, reset in Temporal after mending', () => {
  // Claim, database, media, clean-up, end.
  const tasks = [0, 1, 2, 3, 4];

  test.concurrent.each(tasks)('at task %i succeeds with one result', async (task) => {
    const failing = await Failing.make(`task-${task}`);
    expect(await temporal.resetPoints(failing.id)).toHaveLength(tasks.length);
    await failing.mend();
    const runId = await failing.reset(task);
    await failing.requireOneResult();
    expect((await api.backup(failing.id)).workflow.runId).toBe(runId);
  });
});

describe('a backup reset while the cause stays', () => {
  test.concurrent.each([0, 2, -1])(
    'at task %i fails again, cleanly, and succeeds once it is mended',
    async (task) => {
      const failing = await Failing.make(`stays${task}`);
      const runId = await failing.reset(task);
      const backup = await failing.ends('FAILED');
      expect(backup.workflow.runId).toBe(runId);
      expect(backup.failure?.code).toBe('MEDIA_NOT_FOUND');
      expect(await temporal.look(failing.id)).toMatchObject({
        status: 'FAILED',
        failureType: 'MEDIA_NOT_FOUND',
      });
      await failing.requireNothingLeft();
      await failing.mend();
      await failing.reset(-1);
      await failing.requireOneResult();
    },
  );
});

describe('a backup that succeeded', () => {
  test.concurrent.each([0, 2, -1])('stays as it is when its workflow is reset at task %i', async (task) => {
    const failing = await Failing.make(`succeeded${task}`);
    await failing.mend();
    await tellJob(api, 'retryJob', failing.id);
    const before = await failing.ends('SUCCEEDED');
    const objects = await storage.ofEnvironment(failing.environmentId);
    await failing.breakAgain();
    await failing.reset(task);
    const closed = await until('the new run has ended', 60_000, async () => {
      const seen = await temporal.look(failing.id);
      return seen.status === 'RUNNING' ? null : seen;
    });
    expect(closed.status).toBe('COMPLETED');
    const { workflow: _then, ...was } = before;
    const { workflow: _now, ...is } = await api.backup(failing.id);
    expect(is).toEqual(was);
    expect(await storage.ofEnvironment(failing.environmentId)).toEqual(objects);
  });
});

describe('a backup that was cancelled', () => {
  /** Its copying of media waits for a lock meanwhile, so that there is time to cancel. */
  async function makeCanceled(name: string): Promise<Failing> {
    const failing = await Failing.make(name);
    await failing.mend();
    await databases.whileLocked('LOCK TABLE packs', [], async () => {
      await tellJob(api, 'retryJob', failing.id);
      await until(
        'the media are being copied',
        30_000,
        async () => (await api.backup(failing.id)).progress.phase === 'media',
      );
      await tellJob(api, 'cancelJob', failing.id);
    });
    await failing.ends('CANCELED');
    await failing.requireNothingLeft();
    return failing;
  }

  test('succeeds by a reset at its last task', async () => {
    const canceled = await makeCanceled('canceled-last');
    await canceled.reset(-1);
    await canceled.requireOneResult();
  });

  test('succeeds by a reset at its first task', async () => {
    const canceled = await makeCanceled('canceled-first');
    await canceled.reset(0);
    await canceled.requireOneResult();
  });

  test('in Temporal, in the very moment when its last part is done, is not sealed any more', async () => {
    const failing = await Failing.make('canceled-late');
    await failing.mend();
    await databases.whileLocked('LOCK TABLE packs', [], async () => {
      await tellJob(api, 'retryJob', failing.id);
      await until(
        'the media are being copied',
        30_000,
        async () => (await api.backup(failing.id)).progress.phase === 'media',
      );
      await temporal.cancel(failing.id);
    });
    await failing.ends('CANCELED');
    await failing.requireNothingLeft();
  });

  test('succeeds by a retry', async () => {
    const canceled = await makeCanceled('canceled-retry');
    expect((await api.backup(canceled.id)).can).toContain('RETRY');
    await tellJob(api, 'retryJob', canceled.id);
    await canceled.requireOneResult();
  });
});
