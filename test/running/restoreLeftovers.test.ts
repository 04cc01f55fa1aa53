import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api } from '../support/api.js';
import { Databases } from '../support/databases.js';
import type { Ready } from '../support/holdfast.js';
import { dumpsOf, pidOf, stillThere } from '../support/processes.js';
import { makeProject } from '../support/projects.js';
import { Restores } from '../support/restores.js';
import { sharedHoldfast } from '../support/shared.js';
import { Site, type Ground } from '../support/site.js';
import { Temporal } from '../support/temporal.js';
import { until } from '../support/until.js';

let api: Api;
let databases: Databases;
let restores: Restores;
let ground: Ground;
let temporal: Temporal;
let holdfast: { ready: () => Promise<Ready> };
let folder: string;
const both = ['DATABASE', 'MEDIA'];

beforeAll(async () => {
  const { api: shared, data, ready } = await sharedHoldfast();
  api = shared;
  temporal = await Temporal.of(ready);
  holdfast = { ready: async () => (await sharedHoldfast()).ready };
  restores = new Restores(api);
  databases = await Databases.of(data);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  ground = { api, databases, folder, projectId: await makeProject(api, 'restore-leftovers') };
});

afterAll(async () => {
  await temporal.close();
  await rm(folder, { recursive: true, force: true });
});

const stamp = async (id: string, column: 'cleaned_at' | 'replaced_dropped_at') => {
  const [row] = await databases.catalogue<{ at: Date | null }>(
    `SELECT ${column} AS at FROM restores WHERE id = $1`,
    [id],
  );
  return row?.at ?? null;
};

test('what a restore replaced is dropped when its time is over, and it can be undone from its safety backup', async () => {
  const site = await Site.make(ground);
  const source = await site.backUp();
  await site.fill('second');
  const second = await site.content();
  const { id } = await restores.make({ sourceId: source, destinationId: site.id, contents: both });
  expect((await site.beside()).databases).toHaveLength(1);
  await databases.catalogue(`UPDATE restores SET undo_until = now() - interval '1 minute' WHERE id = $1`, [
    id,
  ]);
  await until('it is dropped', 60_000, () => stamp(id, 'replaced_dropped_at'));
  expect(await site.beside()).toEqual({ databases: [], folders: [] });
  await restores.until(await restores.undo(id), ['SUCCEEDED']);
  expect(await site.content()).toEqual(second);
});

test('what a restore replaced is dropped with its environment, and the live data stay', async () => {
  const site = await Site.make(ground);
  const content = await site.content();
  const wish = { sourceId: await site.backUp(), destinationId: site.id, contents: both, safetyBackup: false };
  const { id } = await restores.make(wish);
  expect((await site.beside()).databases).toHaveLength(1);
  await site.delete();
  await until('it is dropped', 60_000, () => stamp(id, 'replaced_dropped_at'));
  expect(await site.beside()).toEqual({ databases: [], folders: [] });
  expect(await site.content()).toEqual(content);
  const kept = await databases.catalogue(
    `SELECT FROM restores WHERE id = $1 AND journal::text LIKE '%addressSealed%'`,
    [id],
  );
  expect(kept).toEqual([]);
});

test('what a restore replaced is dropped at the address that its environment had then', async () => {
  const site = await Site.make(ground);
  const elsewhere = await Site.make(ground);
  const wish = { sourceId: await site.backUp(), destinationId: site.id, contents: both, safetyBackup: false };
  const { id } = await restores.make(wish);
  await site.moveDatabase(elsewhere.database.url);
  await databases.catalogue(`UPDATE restores SET undo_until = now() - interval '1 minute' WHERE id = $1`, [
    id,
  ]);
  await until('it is dropped', 60_000, () => stamp(id, 'replaced_dropped_at'));
  expect(await site.beside()).toEqual({ databases: [], folders: [] });
});

test.each([false, true])(
  'a restore that ended in its switch is not taken back once another has come (folder kept: %s)',
  async (keepMediaFolder) => {
    const site = await Site.make(ground);
    await databases.catalogue('UPDATE environments SET keep_media_folder = $2 WHERE id = $1', [
      site.id,
      keepMediaFolder,
    ]);
    const first = await site.backUp();
    await site.fill('second');
    const second = await site.content();
    const later = await site.backUp();
    const wish = { destinationId: site.id, contents: both, safetyBackup: false };
    const { id } = await restores.make({ ...wish, sourceId: first });
    // As if its worker had died before it could say so, and its workflow had been terminated.
    await databases.catalogue(
      `UPDATE restores SET status = 'FAILED', failure = '{"code": "INTERNAL", "message": "", "retryable": true}',
         switched_at = NULL, undo_until = NULL WHERE id = $1`,
      [id],
    );
    await restores.make({ ...wish, sourceId: later });
    await until('what it left is settled', 90_000, async () => {
      return (await stamp(id, 'cleaned_at')) ?? ((await restores.look(id)).status === 'SUCCEEDED' || null);
    });
    expect(await site.content()).toEqual(second);
  },
);

test('a restore terminated in Temporal, reset and terminated again leaves nothing of either run', async () => {
  const site = await Site.make(ground, 60);
  const content = await site.content();
  const source = await site.backUp();
  const wish = { sourceId: source, destinationId: site.id, contents: both, safetyBackup: false };
  const id = await restores.begin(wish);
  const workflow = `restore/${id}`;
  const staging = () =>
    until('the database is being restored', 60_000, async () => {
      const restoring = (await dumpsOf(await pidOf(holdfast, 'worker'))).filter(
        ({ name }) => name === 'pg_restore',
      );
      return (await site.beside()).databases.length > 0 && restoring.length > 0 ? restoring : null;
    });
  const first = await staging();
  await temporal.terminate(workflow);
  // What the first run staged still stands when the second begins.
  await resetToStart(workflow);
  await until('the second run has it', 60_000, async () => {
    const { runId } = await temporal.look(workflow);
    const restore = await restores.look(id);
    return restore.workflow.runId === runId && restore.progress.phase === 'database';
  });
  const second = await staging();
  await temporal.terminate(workflow);
  const failed = await restores.until(id, ['FAILED'], 60_000);
  expect(failed.failure?.message).toContain('terminated');
  await until('nothing is left of either', 60_000, async () => {
    const { databases: left, folders } = await site.beside();
    const programs = await stillThere([...first, ...second]);
    return left.length + folders.length + programs.length === 0 && (await stamp(id, 'cleaned_at')) !== null;
  });
  expect(await switchLocks()).toEqual([]);
  expect(await site.content()).toEqual(content);

  // What its third run stages is again what may be left over.
  await resetToStart(workflow);
  await staging();
  expect(await stamp(id, 'cleaned_at')).toBeNull();
  await temporal.terminate(workflow);
  await restores.until(id, ['FAILED'], 60_000);
  await until('nothing is left of the third', 60_000, async () => {
    return (await stamp(id, 'cleaned_at')) !== null && (await site.beside()).databases.length === 0;
  });
  await restores.make(wish);
});

/** Who holds the right to switch at any destination, or asks for it. */
async function switchLocks(): Promise<unknown[]> {
  return databases.catalogue(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'holdfast switch lock'`,
  );
}

async function resetToStart(workflow: string): Promise<void> {
  const [first] = await temporal.resetPoints(workflow);
  if (!first) throw new Error(`${workflow} has done nothing`);
  await temporal.reset(workflow, first);
}
