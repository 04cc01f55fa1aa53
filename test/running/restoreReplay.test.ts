import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../support/api.js';
import { Databases, type ProjectDatabase } from '../support/databases.js';
import { makeEnvironment, makeProject, tellJob } from '../support/projects.js';
import { Restores, type RestoreSeen } from '../support/restores.js';
import { sharedHoldfast } from '../support/shared.js';
import { StorageTree } from '../support/storageTree.js';
import { Temporal } from '../support/temporal.js';
import { until } from '../support/until.js';

let api: Api;
let databases: Databases;
let temporal: Temporal;
let restores: Restores;
let storage: StorageTree;
let project: string;
let folder: string;
let made = 0;
const both = ['DATABASE', 'MEDIA'];

beforeAll(async () => {
  const { api: shared, data, ready } = await sharedHoldfast();
  api = shared;
  restores = new Restores(api);
  databases = await Databases.of(data);
  temporal = await Temporal.of(ready);
  storage = new StorageTree(path.join(data, 'storage'));
  project = await makeProject(api, 'restore-replay');
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
});

afterAll(async () => {
  await temporal.close();
  await rm(folder, { recursive: true, force: true });
});

/** A restore of both that fails in its media, because a pack is away; nothing was switched then. */
class Failing {
  private constructor(
    readonly environmentId: string,
    readonly database: ProjectDatabase,
    readonly id: string,
    private readonly pack: string,
  ) {}

  static async make(): Promise<Failing> {
    made += 1;
    const name = `restore_replay_${made}`;
    const database = await databases.make(name, 1, 'CREATEDB');
    const directory = path.join(folder, name);
    await mkdir(directory);
    await writeFile(path.join(directory, 'one'), name);
    const environmentId = await makeEnvironment(api, project, `site-${made}`, {
      databaseUrl: database.url,
      media: { directory },
    });
    const { id: source } = await api.untilBackup(await api.createBackup(environmentId, both), ['SUCCEEDED']);
    await databases.ask(database, `INSERT INTO notes VALUES (1000, 'newer')`);
    const [pack] = (await storage.ofEnvironment(environmentId)).filter((key) => key.endsWith('.tar'));
    const file = path.join(storage.root, pack ?? '');
    await rename(file, `${file}.away`);
    const wish = { sourceId: source, destinationId: environmentId, contents: both, safetyBackup: false };
    const failing = new Failing(environmentId, database, await restores.begin(wish), file);
    const failed = await failing.ends('FAILED');
    expect(failed.failure?.code).toBe('BACKUP_DAMAGED');
    expect(await failing.isNew()).toBe(true);
    return failing;
  }

  get workflow(): string {
    return `restore/${this.id}`;
  }

  async mend(): Promise<void> {
    await rename(`${this.pack}.away`, this.pack);
  }

  /** Whether the destination still holds what came after the backup. */
  async isNew(): Promise<boolean> {
    return (await databases.ask(this.database, 'SELECT FROM notes WHERE id = 1000')).length === 1;
  }

  /** Waits until the newest run has closed, and the row says so. */
  async ends(status: string): Promise<RestoreSeen> {
    return until(`the restore and its newest run are ${status}`, 60_000, async () => {
      const restore = await restores.look(this.id);
      if (restore.status !== status) return null;
      const { status: closed, runId } = await temporal.look(this.workflow);
      return closed !== 'RUNNING' && restore.workflow.runId === runId ? restore : null;
    });
  }

  async reset(task: number): Promise<string> {
    const point = (await temporal.resetPoints(this.workflow)).at(task);
    if (!point) throw new Error(`There is no task ${task}`);
    return temporal.reset(this.workflow, point);
  }

  async stagedDatabases(): Promise<string[]> {
    return databases.names(`${this.database.name}_restore_`);
  }

  async requireRestoredOnce(): Promise<void> {
    const restore = await this.ends('SUCCEEDED');
    expect(restore.failure).toBeNull();
    expect(await this.isNew()).toBe(false);
    expect(await databases.names(`${this.database.name}_old_`)).toHaveLength(1);
    expect(await this.stagedDatabases()).toEqual([]);
    expect(await temporal.look(this.workflow)).toMatchObject({ status: 'COMPLETED' });
  }
}

describe('a restore that failed, reset in Temporal after mending', () => {
  // Claim, waiting, verify, clean-up, end.
  const tasks = [0, 1, 2, 3, 4];

  test.each(tasks)('at task %i is done once', async (task) => {
    const failing = await Failing.make();
    expect((await temporal.resetPoints(failing.workflow)).length).toBe(tasks.length);
    await failing.mend();
    const runId = await failing.reset(task);
    await failing.requireRestoredOnce();
    expect((await restores.look(failing.id)).workflow.runId).toBe(runId);
  });
});

test('reset while the cause stays it fails again, and a second reset after mending is done once', async () => {
  const failing = await Failing.make();
  const runId = await failing.reset(-1);
  const again = await failing.ends('FAILED');
  expect(again.workflow.runId).toBe(runId);
  expect(await failing.isNew()).toBe(true);
  expect(await failing.stagedDatabases()).toEqual([]);
  await failing.mend();
  await failing.reset(-1);
  await failing.requireRestoredOnce();
});

/** Runs a restore that is refused by the database, because its role’s password was changed; then changes it back. */
async function refusedByPassword(failing: Failing): Promise<void> {
  await failing.mend();
  await databases.setPassword(failing.database, 'another one');
  await failing.reset(-1);
  const failed = await failing.ends('FAILED');
  expect(failed.failure).toMatchObject({ code: 'DATABASE_AUTHENTICATION', retryable: true });
  await databases.setPassword(failing.database, failing.database.password);
}

test('retried in Holdfast it goes from failed to running to succeeded', async () => {
  const failing = await Failing.make();
  await refusedByPassword(failing);
  expect(await tellJob(api, 'retryJob', failing.id)).toBe('RUNNING');
  await failing.requireRestoredOnce();
});

test('once done, resetting it at any task switches nothing again', async () => {
  const failing = await Failing.make();
  await refusedByPassword(failing);
  await tellJob(api, 'retryJob', failing.id);
  await failing.requireRestoredOnce();
  await databases.ask(failing.database, `INSERT INTO notes VALUES (2000, 'since then')`);
  for (const task of [0, -1]) {
    const runId = await failing.reset(task);
    await until('the run that was reset has found all done', 60_000, async () => {
      const newest = await temporal.look(failing.workflow);
      return newest.runId === runId && newest.status === 'COMPLETED';
    });
    expect((await restores.look(failing.id)).status).toBe('SUCCEEDED');
  }
  expect(await databases.ask(failing.database, 'SELECT FROM notes WHERE id = 2000')).toHaveLength(1);
});

test('reset while another restore of the destination is under way is refused, and leaves that one alone', async () => {
  const failing = await Failing.make();
  await failing.mend();
  const source = (await restores.look(failing.id)).source?.id ?? '';
  const other = await restores.begin({
    sourceId: source,
    destinationId: failing.environmentId,
    contents: both,
  });
  await failing.reset(0);
  await until('the run that was reset ends', 60_000, async () => {
    return (await temporal.look(failing.workflow)).status === 'FAILED';
  });
  await restores.until(other, ['SUCCEEDED']);
  expect((await restores.look(failing.id)).status).toBe('FAILED');
});

test('terminated in Temporal in mid-restore its row ends, and nothing staged is left', async () => {
  made += 1;
  const database = await databases.make(`restore_ended_${made}`, 40, 'CREATEDB');
  const environmentId = await makeEnvironment(api, project, `ended-${made}`, { databaseUrl: database.url });
  const { id: source } = await api.untilBackup(await api.createBackup(environmentId, ['DATABASE']), [
    'SUCCEEDED',
  ]);
  const wish = {
    sourceId: source,
    destinationId: environmentId,
    contents: ['DATABASE'],
    safetyBackup: false,
  };
  const id = await restores.begin(wish);
  await until('the database is being restored', 60_000, async () => {
    return (await databases.names(`${database.name}_restore_`)).length === 1;
  });
  await temporal.terminate(`restore/${id}`);
  const failed = await restores.until(id, ['FAILED'], 90_000);
  expect(failed.failure?.message).toContain('terminated');
  await until('nothing is left of it', 60_000, async () => {
    return (await databases.names(`${database.name}_`)).length === 0;
  });
  await restores.make(wish);
});
