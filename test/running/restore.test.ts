import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { makeProject, tellJob } from '../support/projects.js';
import { Restores } from '../support/restores.js';
import { Site, type Ground } from '../support/site.js';
import { sharedHoldfast } from '../support/shared.js';
import { StorageTree } from '../support/storageTree.js';
import { until } from '../support/until.js';

let api: Api;
let databases: Databases;
let restores: Restores;
let storage: StorageTree;
let folder: string;
let ground: Ground;
const both = ['DATABASE', 'MEDIA'];

beforeAll(async () => {
  const { api: shared, data } = await sharedHoldfast();
  api = shared;
  restores = new Restores(api);
  databases = await Databases.of(data);
  storage = new StorageTree(path.join(data, 'storage'));
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  ground = { api, databases, folder, projectId: await makeProject(api, 'restore') };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const nothing = { databases: [], folders: [] };

describe('a restore onto where the backup came from', () => {
  test('puts database and media back, keeps what it replaced, and is undone and redone within seconds', async () => {
    const site = await Site.make(ground);
    const first = await site.content();
    const source = await site.backUp();
    await site.fill('second');
    const second = await site.content();

    const plan = await restores.plan({ sourceId: source, destinationId: site.id, contents: both });
    expect(plan.blockers).toEqual([]);
    expect(plan.warnings.map(({ code }) => code)).toContain('OVERWRITES');
    const restored = await restores.make({ sourceId: source, destinationId: site.id, contents: both });
    expect(await site.content()).toEqual(first);
    expect(restored).toMatchObject({ canUndo: true, can: ['UNDO'], source: { id: source } });
    expect(restored.progress.fraction).toBe(1);
    expect(restored.safetyBackup).toMatchObject({ status: 'SUCCEEDED', kind: 'SAFETY' });
    const left = await site.beside();
    expect([left.databases.length, left.folders.length]).toEqual([1, 1]);

    const undone = await restores.until(await restores.undo(restored.id), ['SUCCEEDED']);
    expect(await site.content()).toEqual(second);
    expect((await restores.look(restored.id)).canUndo).toBe(true);
    expect(undone.canUndo).toBe(true);

    await restores.until(await restores.undo(undone.id), ['SUCCEEDED']);
    expect(await site.content()).toEqual(first);
    expect(await storage.explain(site.id)).toEqual({ unexplained: [], missing: [] });
  });

  test('its safety backup holds what was there, and can be restored', async () => {
    const site = await Site.make(ground);
    const source = await site.backUp();
    await site.fill('newer');
    const newer = await site.content();
    const { safetyBackup } = await restores.make({
      sourceId: source,
      destinationId: site.id,
      contents: both,
    });
    const sourceId = safetyBackup?.id ?? '';
    await restores.make({ sourceId, destinationId: site.id, contents: both, safetyBackup: false });
    expect(await site.content()).toEqual(newer);
  });

  test('of the database alone leaves the media as they are', async () => {
    const site = await Site.make(ground);
    const source = await site.backUp();
    const before = await site.content();
    await site.fill('later');
    const later = await site.content();
    await restores.make({ sourceId: source, destinationId: site.id, contents: ['DATABASE'] });
    expect(await site.content()).toEqual({ rows: before.rows, files: later.files });
  });
});

test('a restore onto another environment brings the backup there, and nothing else changes', async () => {
  const [from, to] = [await Site.make(ground), await Site.make(ground)];
  const content = await from.content();
  const source = await from.backUp();
  await restores.make({ sourceId: source, destinationId: to.id, contents: both });
  expect(await to.content()).toEqual(content);
  expect(await from.content()).toEqual(content);
});

test('a role that may not create databases has its data replaced in place, and undone from the safety backup', async () => {
  const site = await Site.make(ground, 1, '');
  const first = await site.content();
  const source = await site.backUp();
  await site.fill('second');
  await databases.ask(site.database, 'CREATE TABLE newer (id int)');
  const second = await site.content();
  const wish = { sourceId: source, destinationId: site.id, contents: both };
  expect((await restores.plan(wish)).warnings.map(({ code }) => code)).toContain('IN_PLACE');
  const { id } = await restores.make(wish);
  expect(await site.content()).toEqual(first);
  const tables = await databases.ask(site.database, `SELECT FROM pg_tables WHERE tablename = 'newer'`);
  expect(tables).toEqual([]);
  await restores.until(await restores.undo(id), ['SUCCEEDED']);
  expect(await site.content()).toEqual(second);
});

const keepFolder = (id: string) =>
  api.make(
    'updateEnvironment',
    'environment',
    'mutation($input: UpdateEnvironmentInput!) { updateEnvironment(input: $input) { environment { id } userErrors { code field message } } }',
    { input: { id, keepMediaFolder: true } },
  );

test('a media folder that is to stay since the restore keeps its inode through the undo', async () => {
  const site = await Site.make(ground);
  const source = await site.backUp();
  await site.fill('second');
  const second = await site.content();
  const { id } = await restores.make({ sourceId: source, destinationId: site.id, contents: both });
  const { ino } = await stat(site.media);
  await keepFolder(site.id);
  await restores.until(await restores.undo(id), ['SUCCEEDED']);
  expect(await site.content()).toEqual(second);
  expect((await stat(site.media)).ino).toBe(ino);
});

test('a media folder that is to stay keeps its inode through restore, undo and redo', async () => {
  const site = await Site.make(ground);
  await keepFolder(site.id);
  const { ino } = await stat(site.media);
  const first = await site.content();
  const source = await site.backUp();
  await site.fill('second');
  const second = await site.content();
  const { id } = await restores.make({ sourceId: source, destinationId: site.id, contents: both });
  expect(await site.content()).toEqual(first);
  const undone = await restores.until(await restores.undo(id), ['SUCCEEDED']);
  expect(await site.content()).toEqual(second);
  await restores.until(await restores.undo(undone.id), ['SUCCEEDED']);
  expect(await site.content()).toEqual(first);
  expect((await stat(site.media)).ino).toBe(ino);
  expect((await site.beside()).folders).toHaveLength(1);
});

describe('a restore that fails', () => {
  test('for a damaged dump touches nothing, makes no safety backup and says so', async () => {
    const site = await Site.make(ground);
    const source = await site.backUp(['DATABASE']);
    await site.fill('kept');
    const kept = await site.content();
    const document = await storage.document(source);
    const dump = path.join(storage.root, document?.parts[0]?.key ?? '');
    const bytes = await readFile(dump);
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    await writeFile(dump, bytes);
    const id = await restores.begin({ sourceId: source, destinationId: site.id, contents: ['DATABASE'] });
    const failed = await restores.until(id, ['FAILED']);
    expect(failed.failure?.code).toBe('BACKUP_DAMAGED');
    expect(failed.safetyBackup).toBeNull();
    expect(await site.content()).toEqual(kept);
    expect(await site.beside()).toEqual(nothing);
  });

  test('in its safety backup touches nothing, and goes on without one where that is wished', async () => {
    const site = await Site.make(ground);
    const first = await site.content();
    const source = await site.backUp();
    await rm(site.media, { recursive: true });
    const wish = { sourceId: source, destinationId: site.id, contents: both };
    const failed = await restores.until(await restores.begin(wish), ['FAILED']);
    expect(failed.failure?.code).toBe('SAFETY_BACKUP_FAILED');
    expect(await site.beside()).toEqual(nothing);
    await restores.make({ ...wish, safetyBackup: false });
    expect(await site.content()).toEqual(first);
  });

  test('in its media leaves the database as it was, and succeeds by a retry once that is mended', async () => {
    const site = await Site.make(ground);
    const first = await site.content();
    const source = await site.backUp();
    await site.fill('second');
    const second = await site.content();
    const document = await storage.document(source);
    const pack = document?.parts[1]?.packs?.[0] ?? '';
    const [file] = (await storage.ofEnvironment(site.id)).filter((key) => key.endsWith(`${pack}.tar`));
    const stored = path.join(storage.root, file ?? '');
    const whole = await readFile(stored);
    const broken = Buffer.from(whole);
    for (let at = 512; at < broken.length; at += 512) broken.writeUInt8(broken.readUInt8(at) ^ 1, at);
    await writeFile(stored, broken);
    const wish = { sourceId: source, destinationId: site.id, contents: both, safetyBackup: false };
    const id = await restores.begin(wish);
    const failed = await restores.until(id, ['FAILED']);
    expect(failed.failure?.code).toBe('BACKUP_DAMAGED');
    expect(await site.content()).toEqual(second);
    expect(await site.beside()).toEqual(nothing);
    await writeFile(stored, whole);
    await restores.make(wish);
    expect(await site.content()).toEqual(first);
  });
});

describe('at one destination', () => {
  test('a second restore is refused, naming the first, and a backup waits until the restore is done', async () => {
    const site = await Site.make(ground, 20);
    const source = await site.backUp();
    const wish = { sourceId: source, destinationId: site.id, contents: both };
    const first = await restores.begin(wish);
    const second = await restores.ask(wish);
    expect(second.userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    expect(second.userErrors[0]?.message).toContain(first);
    const backup = await api.createBackup(site.id, ['DATABASE']);
    await until(
      'the backup waits',
      30_000,
      async () => (await api.backup(backup)).progress.phase === 'waiting',
    );
    expect((await restores.look(first)).status).toBe('RUNNING');
    await restores.until(first, ['SUCCEEDED']);
    await api.untilBackup(backup, ['SUCCEEDED']);
  });

  test('a restore that is cancelled before the switch leaves everything as it was', async () => {
    const site = await Site.make(ground, 20);
    const source = await site.backUp();
    await site.fill('kept');
    const kept = await site.content();
    const id = await restores.begin({ sourceId: source, destinationId: site.id, contents: both });
    await until('it makes its safety backup', 60_000, async () => {
      const { progress, safetyBackup } = await restores.look(id);
      return progress.phase === 'safety' && safetyBackup !== null;
    });
    await tellJob(api, 'cancelJob', id);
    const canceled = await restores.until(id, ['CANCELED']);
    expect(await site.content()).toEqual(kept);
    expect(await site.beside()).toEqual(nothing);
    await until('the safety backup ends as well', 60_000, async () => {
      const { status } = await api.backup(canceled.safetyBackup?.id ?? '');
      return status === 'CANCELED' || status === 'SUCCEEDED';
    });
    expect(await storage.explain(site.id)).toEqual({ unexplained: [], missing: [] });
  });
});
