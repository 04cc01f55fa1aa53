import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api, type BackupSeen } from '../../support/api.js';
import { Databases } from '../../support/databases.js';
import { startHoldfast, type RunningHoldfast } from '../../support/holdfast.js';
import {
  dumpsOf,
  killAndAwait,
  pidOf,
  postgresPrograms,
  stillThere,
  type ProcessName,
} from '../../support/processes.js';
import { makeEnvironment, makeProject } from '../../support/projects.js';
import { readBack } from '../../support/sealedBackup.js';
import { StorageTree } from '../../support/storageTree.js';
import { until } from '../../support/until.js';

let holdfast: RunningHoldfast;
let api: Api;
let databases: Databases;
let storage: StorageTree;
let live: string;

beforeAll(async () => {
  holdfast = await startHoldfast({ HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND: String(16 * 1024 * 1024) });
  const ready = await holdfast.ready();
  api = new Api(ready.graphql, ready.token);
  databases = await Databases.of(holdfast.data);
  storage = new StorageTree(path.join(holdfast.data, 'storage'));
  live = await api.environmentId('shop', 'live');
});

afterAll(() => holdfast.stop());

/** Whom it hits, in this order; a killed worker costs the twenty seconds until its silence is noticed. */
const victims: ProcessName[] = [
  'temporal',
  'server',
  'worker',
  'postgres',
  'server',
  'temporal',
  'postgres',
  'worker',
  'temporal',
  'server',
];
const seed = Number(process.env.HOLDFAST_TEST_SEED ?? 20_260_114);

test(`ten kills at random moments (HOLDFAST_TEST_SEED=${seed}) lose no backup and leave nothing beside it`, async () => {
  const random = seeded(seed);
  const asked = new Set<string>();
  let id = '';
  for (const victim of victims) {
    // One backup after another, so that there is always one to hit.
    if (id === '' || (await look(id)).status === 'SUCCEEDED') {
      id = await until('a backup is asked for', 30_000, () =>
        api.createBackup(live, ['DATABASE', 'MEDIA']).catch(() => null),
      );
      asked.add(id);
    }
    await passes(id, 1 + Math.floor(random() * 10));
    const left = victim === 'worker' ? await dumpsOf(await pidOf(holdfast, 'worker')) : [];
    const { progress } = await look(id);
    await killAndAwait(holdfast, victim);
    console.info(
      `killed ${victim} at “${progress.phase}” of attempt ${progress.attempt}, ${progress.doneBytes} bytes`,
    );
    await until(
      'what the worker had started is gone',
      5_000,
      async () => (await stillThere(left)).length === 0,
    );
  }
  for (const each of asked) await requireWhole(await succeeds(each));
  expect(await storage.explain(live)).toEqual({ unexplained: [], missing: [] });
  const rows = await databases.catalogue(
    `SELECT (SELECT count(*)::int FROM backups WHERE environment_id = $1) AS backups,
       (SELECT count(*)::int FROM packs WHERE environment_id = $1 AND writing_backup_id IS NOT NULL) AS unfinished`,
    [live],
  );
  expect(rows).toEqual([{ backups: asked.size, unfinished: 0 }]);
  await until(
    'nothing is under way',
    5_000,
    async () => (await dumpsOf(await pidOf(holdfast, 'worker'))).length === 0,
  );
});

test('a worker that dies while it claims one backup and cleans up after another keeps neither for long', async () => {
  const project = await makeProject(api, 'death');
  const { url } = await databases.make('death');
  const whole = await makeEnvironment(api, project, 'whole', { databaseUrl: url });
  const directory = path.join(os.tmpdir(), 'holdfast-none');
  const broken = await makeEnvironment(api, project, 'broken', { media: { directory } });

  const worker = await pidOf(holdfast, 'worker');
  process.kill(worker, 'SIGSTOP');
  const claimed = await api.createBackup(whole, ['DATABASE']);
  const cleaned = await databases.whileLocked('SELECT FROM backups WHERE id = $1 FOR UPDATE', [claimed], () =>
    databases.whileLocked('LOCK TABLE backup_packs', [], async () => {
      process.kill(worker, 'SIGCONT');
      const id = await api.createBackup(broken, ['MEDIA']);
      await until('one is being claimed, the other cleaned up', 60_000, async () => {
        return (await waitingForLocks()) === 2 && (await api.backup(id)).progress.phase === 'cleaning';
      });
      await killAndAwait(holdfast, 'worker');
      return id;
    }),
  );
  const failed = await api.untilBackup(cleaned, ['FAILED'], 60_000);
  expect(failed.failure?.code).toBe('MEDIA_NOT_FOUND');
  await api.untilBackup(claimed, ['SUCCEEDED'], 60_000);
  expect(await storage.explain(whole)).toEqual({ unexplained: [], missing: [] });
  expect(await storage.ofEnvironment(broken)).toEqual([]);
});

/** The backup as soon as it can be asked for. */
function look(id: string): Promise<BackupSeen> {
  return until('the API answers', 60_000, () => api.backup(id).catch(() => null));
}

/** Waits until the backup’s row has changed so many times, or it has ended. */
async function passes(id: string, changes: number): Promise<void> {
  const { progress } = await look(id);
  await until(`the backup has changed ${changes} times`, 60_000, async () => {
    const now = await look(id);
    return now.progress.sequence >= progress.sequence + changes || now.status === 'SUCCEEDED';
  });
}

async function succeeds(id: string): Promise<BackupSeen> {
  return until(`backup ${id} succeeds`, 120_000, async () => {
    const backup = await look(id);
    if (backup.status === 'FAILED') throw new Error(JSON.stringify(backup.failure));
    return backup.status === 'SUCCEEDED' ? backup : null;
  });
}

/** Reads back every byte of the one result. */
async function requireWhole(backup: BackupSeen): Promise<void> {
  expect(backup.parts.map(({ content }) => content)).toEqual(['DATABASE', 'MEDIA']);
  const document = await storage.document(backup.id);
  if (!document) throw new Error(`Backup ${backup.id} is not sealed`);
  expect(document.parts.map(({ sha256 }) => sha256)).toEqual(backup.parts.map(({ sha256 }) => sha256));
  const { wrong, listed, files } = await readBack(storage, document, await postgresPrograms(holdfast));
  expect(wrong).toEqual([]);
  expect(listed).toBeGreaterThan(10);
  expect(files).toBe(backup.parts[1]?.itemCount);
}

async function waitingForLocks(): Promise<number | undefined> {
  const [row] = await databases.catalogue<{ waiting: number }>(
    `SELECT count(*)::int AS waiting FROM pg_stat_activity
     WHERE application_name = 'holdfast worker' AND wait_event_type = 'Lock'`,
  );
  return row?.waiting;
}

/** The same numbers from 0 to 1 for the same seed. */
function seeded(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
