import { mkdtemp, rename, rm, statfs, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mountSmallDisk } from '../integration/engines/smallDisk.js';
import type { Api } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { makeProject, moveEnvironment, watchProject } from '../support/projects.js';
import { Relay } from '../support/relay.js';
import { ReplayedRestore } from '../support/replayedRestore.js';
import { Restores } from '../support/restores.js';
import { sharedHoldfast } from '../support/shared.js';
import { Site, type Ground } from '../support/site.js';
import { asSuperuser } from '../support/superuser.js';
import { Temporal } from '../support/temporal.js';
import { until } from '../support/until.js';

let api: Api;
let data: string;
let databases: Databases;
let temporal: Temporal;
let restores: Restores;
let ground: Ground;
let folder: string;
/** What has to be put right whatever becomes of a test. */
const undoings: Array<() => Promise<unknown> | void> = [];

beforeAll(async () => {
  const { api: shared, data: at, ready } = await sharedHoldfast();
  [api, data] = [shared, at];
  restores = new Restores(api);
  databases = await Databases.of(data);
  temporal = await Temporal.of(ready);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  ground = { api, databases, folder, projectId: await makeProject(api, 'restore-causes') };
});

afterAll(async () => {
  for (const undo of undoings.reverse()) await undo();
  await temporal.close();
  await rm(folder, { recursive: true, force: true });
});

/** What makes a restore of a site fail until it is mended. */
interface Cause {
  site: Site;
  code: string;
  message: RegExp;
  spoil: () => Promise<unknown>;
  mend: () => Promise<unknown>;
  wantsSafety?: boolean;
}

async function wrongPassword(): Promise<Cause> {
  const site = await Site.make(ground);
  return {
    code: 'DATABASE_AUTHENTICATION',
    message: /password/,
    site,
    spoil: () => databases.setPassword(site.database, 'another one'),
    mend: () => databases.setPassword(site.database, site.database.password),
  };
}

async function fullDisk(): Promise<Cause | null> {
  const disk = mountSmallDisk(16);
  if (!disk) return null;
  undoings.push(() => disk.release());
  const site = await Site.make({ ...ground, folder: disk.path });
  const filler = path.join(disk.path, 'filler');
  return {
    code: 'DESTINATION_FULL',
    message: /disk of the media folder is full: .* free/,
    site,
    spoil: () => fillDisk(disk.path, filler),
    mend: () => rm(filler),
  };
}

async function storageAway(): Promise<Cause> {
  const storage = path.join(data, 'storage');
  const away = `${storage}.away`;
  const back = () => rename(away, storage);
  undoings.push(() => back().catch(() => undefined));
  return {
    code: 'STORAGE_UNREACHABLE',
    message: /storage/,
    site: await Site.make(ground),
    spoil: () => rename(storage, away),
    mend: back,
  };
}

async function serverAway(): Promise<Cause> {
  const relay = await Relay.to(databases.port);
  undoings.push(() => relay.stop());
  const site = await Site.make(ground);
  const { name, password } = site.database;
  await moveEnvironment(api, site.id, {
    databaseUrl: `postgres://${name}:${password}@127.0.0.1:${relay.port}/${name}`,
  });
  return {
    code: 'DATABASE_UNREACHABLE',
    message: /127\.0\.0\.1/,
    site,
    spoil: async () => relay.cut(),
    mend: async () => relay.mend(),
  };
}

async function noSafetyBackup(): Promise<Cause> {
  const site = await Site.make(ground);
  const { name } = site.database;
  return {
    code: 'SAFETY_BACKUP_FAILED',
    message: /destination was not touched.*notes/,
    site,
    spoil: () => databases.ask(site.database, `REVOKE SELECT ON notes FROM "${name}"`),
    mend: () => databases.ask(site.database, `GRANT SELECT ON notes TO "${name}"`),
    wantsSafety: true,
  };
}

async function missingRole(): Promise<Cause> {
  const site = await Site.make(ground);
  const role = `reader_of_${site.database.name}`;
  const makeRole = () => asSuperuser(data, (client) => client.query(`CREATE ROLE ${role}`));
  await makeRole();
  await databases.ask(site.database, `CREATE POLICY readers ON notes FOR SELECT TO ${role}`);
  return {
    code: 'DATABASE_RESTORE_FAILED',
    message: new RegExp(role),
    site,
    spoil: async () => {
      await databases.ask(site.database, 'DROP POLICY IF EXISTS readers ON notes');
      await asSuperuser(data, (client) => client.query(`DROP ROLE ${role}`));
    },
    mend: makeRole,
  };
}

/** Takes all of its room but a little. */
async function fillDisk(disk: string, filler: string): Promise<void> {
  const { bavail, bsize } = await statfs(disk);
  await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - 50_000)));
}

const both = ['DATABASE', 'MEDIA'];

/** A cause with a backup of its site, and how often that was restored. */
class Case {
  private restored = 0;

  private constructor(
    readonly cause: Cause,
    private readonly source: string,
    private readonly backedUp: Awaited<ReturnType<Site['content']>>,
  ) {}

  static async of(cause: Cause): Promise<Case> {
    const source = await cause.site.backUp();
    return new Case(cause, source, await cause.site.content());
  }

  /** A restore that has failed for the cause, which still stands; `newer` is what the destination holds. */
  async fail() {
    const { site, spoil, code, message, wantsSafety = false } = this.cause;
    await site.fill(`newer ${this.restored}`);
    const newer = await site.content();
    const wish = { sourceId: this.source, destinationId: site.id, contents: both, safetyBackup: wantsSafety };
    await spoil();
    const failing = new ReplayedRestore(restores, temporal, await restores.begin(wish));
    const { failure } = await failing.fails(code);
    expect(failure?.message).toMatch(message);
    expect(failure?.retryable).toBe(true);
    return { failing, newer };
  }

  /** Done, once: one database and one folder were replaced, and nothing staged is left. */
  async requireOneResult(failing: ReplayedRestore, runId: string): Promise<void> {
    const { site } = this.cause;
    const done = await failing.ends('SUCCEEDED');
    expect(done).toMatchObject({ failure: null, workflow: { runId } });
    expect(await temporal.look(failing.workflow)).toMatchObject({
      status: 'COMPLETED',
      failureAttribute: null,
    });
    expect(await site.content()).toEqual(this.backedUp);
    this.restored += 1;
    const { databases: names, folders } = await site.beside();
    expect([names.length, folders.length]).toEqual([this.restored, this.restored]);
    expect(names.filter((name) => name.includes('_restore_'))).toEqual([]);
  }
}

const causes: Array<[string, () => Promise<Cause | null>]> = [
  ['the password was changed', wrongPassword],
  ['the destination’s disk is full', fullDisk],
  ['the storage is away', storageAway],
  ['the destination’s server is away', serverAway],
  ['the safety backup cannot be made', noSafetyBackup],
  ['a role is missing', missingRole],
];

describe.each(causes)('a restore that failed because %s', (_name, make) => {
  test('fails again while that stands, and is done once by a reset when it is mended', async () => {
    const cause = await make();
    if (!cause) return;
    const { failing, newer, requireOneResult } = await failed(cause);
    const again = await failing.resetAndSee(-1);
    expect((await failing.fails(cause.code)).workflow.runId).toBe(again);
    await cause.mend();
    expect(await cause.site.content()).toEqual(newer);
    expect(await cause.site.beside()).toEqual({ databases: [], folders: [] });

    const watching = watchProject(api, ground.projectId);
    const runId = await failing.resetAndSee(-1);
    await requireOneResult(failing, runId);
    await until('its success was announced', 5_000, async () => seen(watching).includes('SUCCEEDED'));
    await watching.stop();
    expect(seen(watching)).toEqual(['RUNNING', 'SUCCEEDED']);

    function seen({ events }: ReturnType<typeof watchProject>): string[] {
      const statuses = events.flatMap(({ job }) => (job?.id === failing.id ? [job.status] : []));
      return statuses.filter((status, index) => status !== statuses[index - 1]);
    }
  });
});

async function failed(cause: Cause) {
  const one = await Case.of(cause);
  const { failing, newer } = await one.fail();
  return { failing, newer, requireOneResult: one.requireOneResult.bind(one) };
}

test.each(causes.slice(0, 2))(
  'a restore that failed because %s is done once by a reset at each of its tasks',
  async (_name, make) => {
    const cause = await make();
    if (!cause) return;
    const one = await Case.of(cause);
    for (let task = 0, tasks = 1; task < tasks; task += 1) {
      const { failing, newer } = await one.fail();
      tasks = await failing.tasks();
      // Claim, waiting, then what failed, clean-up and the end.
      expect(tasks).toBeGreaterThanOrEqual(4);
      await cause.mend();
      expect(await cause.site.content()).toEqual(newer);
      await one.requireOneResult(failing, await failing.resetAndSee(task));
    }
  },
);

test('an undo that failed because the password was changed is done once by a reset when it is mended', async () => {
  const { site, spoil, mend, code, message } = await wrongPassword();
  const source = await site.backUp();
  await site.fill('newer');
  const newer = await site.content();
  const wish = { sourceId: source, destinationId: site.id, contents: both, safetyBackup: false };
  const { id } = await restores.make(wish);
  const restored = await site.content();
  await spoil();
  const undo = new ReplayedRestore(restores, temporal, await restores.undo(id));
  expect((await undo.fails(code)).failure?.message).toMatch(message);
  await undo.resetAndSee(-1);
  await undo.fails(code);
  await mend();
  expect(await site.content()).toEqual(restored);
  const runId = await undo.resetAndSee(-1);
  expect((await undo.ends('SUCCEEDED')).workflow.runId).toBe(runId);
  expect(await site.content()).toEqual(newer);
  // What the restore had put there is kept in its place, for the undo to be undone.
  const { databases: names, folders } = await site.beside();
  expect([names.length, folders.length]).toEqual([1, 1]);

  // Done is done: at any task it switches nothing again.
  for (let task = (await undo.tasks()) - 1; task >= 0; task -= 1) {
    const next = await undo.reset(task);
    expect(await undo.runCloses(next)).toBe('COMPLETED');
  }
  expect(await site.content()).toEqual(newer);
  expect(await site.beside()).toEqual({ databases: names, folders });
});
