import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { makeProject } from '../support/projects.js';
import { ReplayedRestore } from '../support/replayedRestore.js';
import { Restores } from '../support/restores.js';
import { sharedHoldfast } from '../support/shared.js';
import { Site, type Ground } from '../support/site.js';
import { Temporal } from '../support/temporal.js';

let api: Api;
let databases: Databases;
let temporal: Temporal;
let restores: Restores;
let ground: Ground;
let folder: string;
const both = ['DATABASE', 'MEDIA'];

beforeAll(async () => {
  const { api: shared, data, ready } = await sharedHoldfast();
  api = shared;
  restores = new Restores(api);
  databases = await Databases.of(data);
  temporal = await Temporal.of(ready);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  ground = { api, databases, folder, projectId: await makeProject(api, 'restore-refused') };
});

afterAll(async () => {
  await temporal.close();
  await rm(folder, { recursive: true, force: true });
});

const replayed = (id: string) => new ReplayedRestore(restores, temporal, id);

/** Which database and which folder are live: these change with a switch, and with nothing else. */
async function liveParts(site: Site): Promise<[unknown, number]> {
  const oid = `SELECT oid FROM pg_database WHERE datname = current_database()`;
  const [row] = await databases.ask(site.database, oid);
  return [row, (await stat(site.media)).ino];
}

/** A site that holds something newer than its backup. */
async function newerSite() {
  const site = await Site.make(ground);
  const source = await site.backUp();
  const backedUp = await site.content();
  await site.fill('newer');
  const newer = await site.content();
  const wish = { sourceId: source, destinationId: site.id, contents: both, safetyBackup: false };
  return { site, backedUp, newer, wish };
}

/** A restore that failed because the role’s password was changed, which it is no longer. */
async function failedRestore({
  site,
  wish,
}: Awaited<ReturnType<typeof newerSite>>): Promise<ReplayedRestore> {
  await databases.setPassword(site.database, 'another one');
  const failed = replayed(await restores.begin(wish));
  await failed.fails('DATABASE_AUTHENTICATION');
  await databases.setPassword(site.database, site.database.password);
  return failed;
}

/** Resets a restore that has succeeded at each of its tasks: nothing of the destination changes. */
async function requireSettled(done: ReplayedRestore, site: Site): Promise<void> {
  const [content, parts, beside] = [await site.content(), await liveParts(site), await site.beside()];
  for (let task = (await done.tasks()) - 1; task >= 0; task -= 1) {
    expect(await done.runCloses(await done.reset(task))).toBe('COMPLETED');
    expect((await restores.look(done.id)).status).toBe('SUCCEEDED');
  }
  expect(await site.content()).toEqual(content);
  expect(await liveParts(site)).toEqual(parts);
  expect(await site.beside()).toEqual(beside);
}

test('what has succeeded is switched once, at whatever task it is reset', async () => {
  const { site, wish } = await newerSite();
  const { id } = await restores.make(wish);
  await site.fill('since then');
  await requireSettled(replayed(id), site);
});

test('after its undo, a reset restores nothing again', async () => {
  const { site, wish, newer } = await newerSite();
  const { id } = await restores.make(wish);
  await restores.until(await restores.undo(id), ['SUCCEEDED']);
  expect(await site.content()).toEqual(newer);
  await requireSettled(replayed(id), site);
});

test('after another restore has run, a reset converges: one switch more, and both can be told apart', async () => {
  const scene = await newerSite();
  const { site, backedUp, newer, wish } = scene;
  const later = await site.backUp();
  const failed = await failedRestore(scene);
  const { id: other } = await restores.make({ ...wish, sourceId: later });
  expect(await site.content()).toEqual(newer);
  await failed.resetAndSee(-1);
  await failed.ends('SUCCEEDED');
  expect(await site.content()).toEqual(backedUp);
  const { databases: names, folders } = await site.beside();
  expect([names.length, folders.length]).toEqual([2, 2]);
  await requireSettled(replayed(other), site);
  await requireSettled(failed, site);
});

test('once the backup is gone it fails again, in words, and touches nothing', async () => {
  const scene = await newerSite();
  const { site, newer } = scene;
  const failed = await failedRestore(scene);
  const parts = await liveParts(site);
  await databases.catalogue('UPDATE restores SET source_backup_id = NULL WHERE id = $1', [failed.id]);
  for (const task of [-1, 0]) {
    await failed.resetAndSee(task);
    expect((await failed.fails('BACKUP_GONE')).failure?.message).toContain('no longer there');
  }
  expect(await site.content()).toEqual(newer);
  expect(await liveParts(site)).toEqual(parts);
  expect(await site.beside()).toEqual({ databases: [], folders: [] });
});

test('an undo that failed is refused once another restore has come', async () => {
  const { site, wish, backedUp } = await newerSite();
  const { id } = await restores.make(wish);
  await databases.setPassword(site.database, 'another one');
  const undo = replayed(await restores.undo(id));
  await undo.fails('DATABASE_AUTHENTICATION');
  await databases.setPassword(site.database, site.database.password);
  await restores.make(wish);
  const parts = await liveParts(site);
  await undo.resetAndSee(-1);
  await undo.fails('BACKUP_GONE');
  expect(await site.content()).toEqual(backedUp);
  expect(await liveParts(site)).toEqual(parts);
});
