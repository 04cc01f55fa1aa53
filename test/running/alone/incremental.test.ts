import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api, type BackupSeen } from '../../support/api.js';
import { Databases } from '../../support/databases.js';
import { startHoldfast, type RunningHoldfast } from '../../support/holdfast.js';
import { killAndAwait, postgresPrograms } from '../../support/processes.js';
import { makeEnvironment, makeProject, moveEnvironment, tellJob } from '../../support/projects.js';
import { readBack } from '../../support/sealedBackup.js';
import { StorageTree, type DocumentSeen } from '../../support/storageTree.js';
import { until } from '../../support/until.js';

const run = promisify(execFile);
const mebibyte = 1024 * 1024;

let holdfast: RunningHoldfast;
let api: Api;
let databases: Databases;
let storage: StorageTree;
let project: string;
let folder: string;

beforeAll(async () => {
  holdfast = await startHoldfast({
    HOLDFAST_MEDIA_SETTLE_SECONDS: '2',
    HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND: String(64 * mebibyte),
  });
  const ready = await holdfast.ready();
  api = new Api(ready.graphql, ready.token);
  databases = await Databases.of(holdfast.data);
  storage = new StorageTree(path.join(holdfast.data, 'storage'));
  project = await makeProject(api, 'incremental');
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
});

afterAll(async () => {
  await holdfast.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A media folder of a test’s own, and an environment that has it. */
async function media(name: string): Promise<{ directory: string; environment: string }> {
  const directory = path.join(folder, name);
  await mkdir(directory);
  for (let i = 0; i < 30; i += 1) await writeFile(path.join(directory, `${i}.bin`), randomBytes(20_000));
  return { directory, environment: await makeEnvironment(api, project, name, { media: { directory } }) };
}

/** Makes a backup and reads back every byte that it is made of. */
async function backUp(environment: string): Promise<BackupSeen & { packs: string[] }> {
  return whole(await api.createBackup(environment, ['MEDIA']));
}

async function whole(id: string): Promise<BackupSeen & { packs: string[] }> {
  const backup = await api.untilBackup(id, ['SUCCEEDED', 'FAILED', 'CANCELED']);
  expect([backup.status, backup.failure, backup.warnings]).toEqual(['SUCCEEDED', null, []]);
  const document = (await storage.document(id)) as DocumentSeen;
  const { wrong, files } = await readBack(storage, document, await postgresPrograms(holdfast));
  expect(wrong).toEqual([]);
  expect(files).toBe(backup.parts[0]?.itemCount);
  const packs = document.parts[0]?.packs ?? [];
  expect([...packs].sort()).toEqual(packs);
  expect(await packsNoted(id)).toEqual(packs);
  return { ...backup, packs };
}

/** The script in the description of the storage format makes the folder again, out of several packs. */
async function restoresByHand(backupId: string, directory: string): Promise<void> {
  const page = await readFile(new URL('../../../docs/storage-format.md', import.meta.url), 'utf8');
  const script = path.join(folder, 'restore_media.py');
  await writeFile(script, String(/```python\n(.*?)```/s.exec(page)?.[1]));
  const document = (await storage.ofBackup(backupId)).find((key) => key.endsWith('/backup.json'));
  const restored = path.join(folder, `restored-${backupId}`);
  await run('python3', [script, storage.root, path.join(storage.root, String(document)), restored]);
  // It says so where anything differs.
  await run('diff', ['-r', directory, restored]);
}

async function packsNoted(backupId: string): Promise<string[]> {
  const sql = 'SELECT pack_id AS id FROM backup_packs WHERE backup_id = $1 ORDER BY pack_id::text';
  return (await databases.catalogue<{ id: string }>(sql, [backupId])).map(({ id }) => id);
}

/** Storage and catalogue of an environment hold what its sealed backups are made of, and nothing else. */
async function requireExplained(environment: string): Promise<void> {
  expect(await storage.explain(environment)).toEqual({ unexplained: [], missing: [] });
  const stray = await databases.catalogue(
    `SELECT id FROM packs WHERE environment_id = $1 AND (
       writing_backup_id IS NOT NULL OR stored_size IS NULL OR list_sha256 IS NOT NULL
       OR NOT EXISTS (SELECT FROM backup_packs WHERE pack_id = id))
     UNION ALL
     SELECT pack_id FROM backup_packs JOIN backups ON backups.id = backup_id
     WHERE environment_id = $1 AND status <> 'SUCCEEDED'`,
    [environment],
  );
  expect(stray).toEqual([]);
}

test('only new content is stored, and each backup is whole', async () => {
  const { directory, environment } = await media('new-content');
  const first = await backUp(environment);
  const second = await backUp(environment);
  expect(second.packs).toEqual(first.packs);
  expect(second.storedSize).toBeLessThan(10_000);
  expect(second.totalSize).toBe(first.totalSize);

  await rename(path.join(directory, '3.bin'), path.join(directory, 'renamed.bin'));
  await writeFile(path.join(directory, '4.bin'), randomBytes(20_000));
  await unlink(path.join(directory, '5.bin'));
  const third = await backUp(environment);
  expect(third.packs).toHaveLength(2);
  expect(third.storedSize).toBeLessThan(20_000 + 12_000);
  await requireExplained(environment);
  await restoresByHand(third.id, directory);

  // Contents that are gone from the folder since are still known.
  await writeFile(path.join(directory, '6.bin'), randomBytes(20_000));
  await rm(path.join(directory, '4.bin'));
  const fourth = await backUp(environment);
  expect(fourth.packs.filter((id) => third.packs.includes(id))).toEqual(first.packs);
  await requireExplained(environment);
});

test('a pack that is gone from storage is not relied on: what it held is stored anew', async () => {
  const { environment } = await media('lost-pack');
  const first = await backUp(environment);
  const [tar] = (await storage.ofEnvironment(environment)).filter((key) => key.endsWith('.tar'));
  await unlink(path.join(storage.root, String(tar)));
  const second = await backUp(environment);
  expect(second.packs).toHaveLength(1);
  expect(second.packs).not.toEqual(first.packs);
  // And that is known from now on.
  expect((await backUp(environment)).packs).toEqual(second.packs);
});

test('a backup that fails lets go of what it relied on', async () => {
  const { directory, environment } = await media('failing');
  const first = await backUp(environment);
  await rename(directory, `${directory}-away`);
  const id = await api.createBackup(environment, ['MEDIA']);
  const failed = await api.untilBackup(id, ['FAILED']);
  expect(failed.failure?.code).toBe('MEDIA_NOT_FOUND');
  expect(await packsNoted(id)).toEqual([]);
  await requireExplained(environment);
  await rename(`${directory}-away`, directory);
  await tellJob(api, 'retryJob', id);
  expect((await whole(id)).packs).toEqual(first.packs);
  await requireExplained(environment);
});

test('media in another place are read anew, and stored only where they are new', async () => {
  const { directory, environment } = await media('moving');
  const first = await backUp(environment);
  const moved = `${directory}-moved`;
  await rename(directory, moved);
  await writeFile(path.join(moved, 'more'), 'more');
  await moveEnvironment(api, environment, { media: { directory: moved } });
  const second = await backUp(environment);
  expect(second.packs).toHaveLength(2);
  expect(second.packs).toEqual(expect.arrayContaining(first.packs));
  await requireExplained(environment);
});

test('two backups of one environment at once are both whole', async () => {
  const { environment } = await media('at-once');
  const asked = await Promise.all([1, 2, 3].map(() => api.createBackup(environment, ['MEDIA'])));
  for (const id of asked) await whole(id);
  await requireExplained(environment);
});

test('a killed worker’s backup goes on after its last whole pack', async () => {
  const { directory, environment } = await media('killed');
  // Larger than a pack, so that it has one to itself, and what follows lasts long enough to be hit.
  await writeFile(path.join(directory, '0-large.bin'), randomBytes(100));
  await truncate(path.join(directory, '0-large.bin'), 1100 * mebibyte);
  await writeFile(path.join(directory, 'z-last.bin'), randomBytes(400 * mebibyte));
  const id = await api.createBackup(environment, ['MEDIA']);
  const done = await until('a pack is whole and another is begun', 120_000, async () => {
    const rows = await databases.catalogue<{ id: string; isWhole: boolean }>(
      `SELECT id, stored_size IS NOT NULL AS "isWhole" FROM packs WHERE writing_backup_id = $1`,
      [id],
    );
    return rows.some(({ isWhole }) => !isWhole) ? rows.find(({ isWhole }) => isWhole)?.id : undefined;
  });
  await killAndAwait(holdfast, 'worker');
  const backup = await whole(id);
  expect(backup.packs).toContain(done);
  expect(backup.progress.attempt).toBeGreaterThan(1);
  await requireExplained(environment);
}, 600_000);

test('a cancelled backup leaves neither whole packs nor what was known of them', async () => {
  const { directory, environment } = await media('cancelled');
  await writeFile(path.join(directory, '0-large.bin'), randomBytes(100));
  await truncate(path.join(directory, '0-large.bin'), 1100 * mebibyte);
  await writeFile(path.join(directory, 'z-last.bin'), randomBytes(400 * mebibyte));
  const id = await api.createBackup(environment, ['MEDIA']);
  await until('a pack is whole', 120_000, async () => {
    const rows = await databases.catalogue(
      'SELECT FROM packs WHERE writing_backup_id = $1 AND stored_size IS NOT NULL',
      [id],
    );
    return rows.length > 0;
  });
  await tellJob(api, 'cancelJob', id);
  await api.untilBackup(id, ['CANCELED']);
  expect(await storage.ofEnvironment(environment)).toEqual([]);
  const [left] = await databases.catalogue(
    `SELECT (SELECT count(*)::int FROM packs WHERE environment_id = $1) AS packs,
       (SELECT count(*)::int FROM pack_contents WHERE environment_id = $1) AS contents,
       (SELECT count(*)::int FROM backup_packs WHERE backup_id = $2) AS noted`,
    [environment, id],
  );
  expect(left).toEqual({ packs: 0, contents: 0, noted: 0 });
});
