import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../support/api.js';
import { Databases, type ProjectDatabase } from '../support/databases.js';
import type { Ready } from '../support/holdfast.js';
import { makeEnvironment, makeProject } from '../support/projects.js';
import { sharedHoldfast } from '../support/shared.js';
import { StorageTree } from '../support/storageTree.js';
import { Temporal } from '../support/temporal.js';
import { until } from '../support/until.js';

let api: Api;
let databases: Databases;
let storage: StorageTree;
let database: ProjectDatabase;
let environmentId: string;
const pids = async (): Promise<Ready['processes']> => (await sharedHoldfast()).ready.processes;

beforeAll(async () => {
  const { api: shared, data } = await sharedHoldfast();
  api = shared;
  databases = await Databases.of(data);
  storage = new StorageTree(path.join(data, 'storage'));
  database = await databases.make('reconcile');
  environmentId = await makeEnvironment(api, await makeProject(api, 'reconcile'), 'test', {
    databaseUrl: database.url,
  });
});

async function requireOneResult(id: string): Promise<void> {
  await until('the API answers', 30_000, () => api.backup(id).catch(() => null));
  await api.untilBackup(id, ['SUCCEEDED'], 60_000);
  expect((await storage.document(id))?.parts).toHaveLength(1);
  expect(await storage.explain(environmentId)).toEqual({ unexplained: [], missing: [] });
}

describe('a backup asked for while Temporal is away', () => {
  /** Asks for a backup with Temporal standing still, and does something more before it goes on. */
  async function askedInVain(meanwhile: () => Promise<void>): Promise<string> {
    const { temporal } = await pids();
    if (temporal === null) throw new Error('There is no Temporal process');
    process.kill(temporal, 'SIGSTOP');
    try {
      const asked = performance.now();
      const id = await api.createBackup(environmentId, ['DATABASE']);
      const answeredMs = Math.round(performance.now() - asked);
      console.info(`answered within ${answeredMs} ms while Temporal stood still`);
      expect(answeredMs).toBeLessThan(4_000);
      expect((await api.backup(id)).status).toBe('QUEUED');
      await meanwhile();
      return id;
    } finally {
      process.kill(temporal, 'SIGCONT');
    }
  }

  test('is kept, and begins by itself', async () => {
    await requireOneResult(await askedInVain(async () => undefined));
  });

  test('is kept although the server is killed as well', async () => {
    const id = await askedInVain(async () => {
      const { server } = await pids();
      if (server !== null) process.kill(server, 'SIGKILL');
    });
    await until('the server is back', 60_000, () => api.backup(id).catch(() => null));
    await requireOneResult(id);
  });
});

describe('ten requests at once with one key', () => {
  let temporal: Temporal;
  beforeAll(async () => {
    temporal = await Temporal.of((await sharedHoldfast()).ready);
  });
  afterAll(() => temporal.close());

  test('make one backup and one workflow', async () => {
    const input = {
      environmentId,
      contents: ['DATABASE'],
      note: 'ten at once',
      idempotencyKey: crypto.randomUUID(),
    };
    const query = `mutation($input: CreateBackupInput!) {
      createBackup(input: $input) { backup { id } userErrors { code field message } } }`;
    const ask = () => api.make<{ id: string }>('createBackup', 'backup', query, { input });
    const ids = new Set((await Promise.all(Array.from({ length: 10 }, ask))).map(({ id }) => id));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    await requireOneResult(id);
    expect((await ask()).id).toBe(id);
    const rows = await databases.catalogue(
      `SELECT id FROM backups WHERE note = 'ten at once' AND environment_id = $1`,
      [environmentId],
    );
    expect(rows).toEqual([{ id }]);
    await until('Temporal lists the run', 20_000, async () => (await temporal.countRuns(id)) > 0);
    expect(await temporal.countRuns(id)).toBe(1);
  });
});

test('a backup outlives a catalogue that is away for longer than a step is tried', async () => {
  const release = await databases.lock(database);
  const id = await api.createBackup(environmentId, ['DATABASE']);
  await until(
    'the dump waits for the lock',
    30_000,
    async () => (await api.backup(id)).progress.phase === 'database',
  );
  await databases.whileCatalogueIsAway(async () => {
    await release();
    // Five attempts of sealing, 1, 2, 4 and 8 s apart, would be over by then.
    await new Promise((resolve) => setTimeout(resolve, 20_000));
  });
  await requireOneResult(id);
});
