import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from '../../support/api.js';
import { Databases, type ProjectDatabase } from '../../support/databases.js';
import { startHoldfast, type RunningHoldfast } from '../../support/holdfast.js';
import { killAndAwait } from '../../support/processes.js';
import { makeEnvironment, makeProject } from '../../support/projects.js';
import { Restores } from '../../support/restores.js';
import { StorageTree } from '../../support/storageTree.js';
import { until } from '../../support/until.js';

let holdfast: RunningHoldfast;
let api: Api;
let databases: Databases;
let restores: Restores;
let storage: StorageTree;
let folder: string;
let media: string;
let database: ProjectDatabase;
let environmentId: string;
let source: string;
const both = ['DATABASE', 'MEDIA'];

beforeAll(async () => {
  holdfast = await startHoldfast({ HOLDFAST_DEMO: '0', HOLDFAST_MEDIA_SETTLE_SECONDS: '2' });
  const ready = await holdfast.ready();
  api = new Api(ready.graphql, ready.token);
  restores = new Restores(api);
  databases = await Databases.of(holdfast.data);
  storage = new StorageTree(path.join(holdfast.data, 'storage'));
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  media = path.join(folder, 'media');
  await mkdir(media);
  await writeFile(path.join(media, 'first.bin'), randomBytes(8_000_000));
  database = await databases.make('restore_kills', 20, 'CREATEDB');
  environmentId = await makeEnvironment(api, await makeProject(api, 'restore-kills'), 'live', {
    databaseUrl: database.url,
    media: { directory: media },
  });
  const { id } = await api.untilBackup(await api.createBackup(environmentId, both), ['SUCCEEDED']);
  source = id;
});

afterAll(async () => {
  await holdfast.stop();
  await rm(folder, { recursive: true, force: true });
});

async function content(): Promise<string> {
  const [row] = await databases.ask<{ rows: string }>(
    database,
    `SELECT md5(string_agg(md5(notes::text), '' ORDER BY id)) AS rows FROM notes`,
  );
  const files = await Promise.all(
    (await readdir(media)).sort().map(async (name) => {
      const bytes = await readFile(path.join(media, name));
      return `${name} ${createHash('md5').update(bytes).digest('hex')}`;
    }),
  );
  return [row?.rows, ...files].join('\n');
}

/** The phases of a restore in which its worker is killed, as a person sees them. */
const phases = ['waiting', 'verify', 'safety', 'database', 'media', 'switch'];

test.each(phases)(
  'a worker killed in “%s” touches nothing before the switch, and the restore ends by itself',
  async (phase) => {
    const restored = await restores
      .make({ sourceId: source, destinationId: environmentId, contents: both, safetyBackup: false })
      .then(content);
    await databases.ask(database, `INSERT INTO notes VALUES ((SELECT max(id) + 1 FROM notes), $1)`, [phase]);
    await writeFile(path.join(media, 'newer.bin'), randomBytes(1_000_000));
    const newer = await content();

    const id = await restores.begin({ sourceId: source, destinationId: environmentId, contents: both });
    await until(`it is at “${phase}”, or beyond`, 60_000, async () => {
      const { progress, status } = await restores.look(id);
      return phases.indexOf(progress.phase) >= phases.indexOf(phase) || status === 'SUCCEEDED';
    });
    await killAndAwait(holdfast, 'worker');
    const { status, progress } = await restores.look(id);
    // Within the switch the database may be new and the media old, until whoever comes next has made an end of it.
    if (status !== 'SUCCEEDED' && progress.phase !== 'switch') expect(await content()).toBe(newer);
    const done = await restores.until(id, ['SUCCEEDED']);
    expect(await content()).toBe(restored);
    expect(await databases.names('restore_kills_restore_')).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.includes('restore-'))).toEqual([]);

    await restores.until(await restores.undo(done.id), ['SUCCEEDED']);
    expect(await content()).toBe(newer);
    expect(await storage.explain(environmentId)).toEqual({ unexplained: [], missing: [] });
  },
);
