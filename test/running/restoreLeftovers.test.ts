import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { makeProject } from '../support/projects.js';
import { Restores } from '../support/restores.js';
import { sharedHoldfast } from '../support/shared.js';
import { Site, type Ground } from '../support/site.js';
import { until } from '../support/until.js';

let api: Api;
let databases: Databases;
let restores: Restores;
let ground: Ground;
let folder: string;
const both = ['DATABASE', 'MEDIA'];

beforeAll(async () => {
  const { api: shared, data } = await sharedHoldfast();
  api = shared;
  restores = new Restores(api);
  databases = await Databases.of(data);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  ground = { api, databases, folder, projectId: await makeProject(api, 'restore-leftovers') };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

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
