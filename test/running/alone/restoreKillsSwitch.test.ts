import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api } from '../../support/api.js';
import { Databases } from '../../support/databases.js';
import { startHoldfast, type RunningHoldfast } from '../../support/holdfast.js';
import { killAtRename } from '../../support/killAtRename.js';
import { killAndAwait, pidOf } from '../../support/processes.js';
import { makeProject } from '../../support/projects.js';
import { Restores } from '../../support/restores.js';
import { Site, type Ground } from '../../support/site.js';
import { asSuperuser } from '../../support/superuser.js';
import { until } from '../../support/until.js';

const hasStrace = spawnSync('strace', ['-V'], { stdio: 'ignore' }).status === 0;
const lockId = 4_846_900;
let holdfast: RunningHoldfast;
let api: Api;
let databases: Databases;
let restores: Restores;
let ground: Ground;
let folder: string;

beforeAll(async () => {
  holdfast = await startHoldfast({ HOLDFAST_DEMO: '0', HOLDFAST_MEDIA_SETTLE_SECONDS: '2' });
  const ready = await holdfast.ready();
  api = new Api(ready.graphql, ready.token);
  restores = new Restores(api);
  databases = await Databases.of(holdfast.data);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  ground = { api, databases, folder, projectId: await makeProject(api, 'kills-switch') };
});

afterAll(async () => {
  await holdfast?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** A site that holds something newer than its backup, and a way to restore that. */
class Scene {
  private filled = 0;

  private constructor(
    readonly site: Site,
    private readonly contents: string[],
    private readonly source: string,
    private readonly backedUp: Awaited<ReturnType<Site['content']>>,
  ) {}

  static async make(contents: string[], keepMediaFolder = false): Promise<Scene> {
    const site = await Site.make(ground);
    await databases.catalogue('UPDATE environments SET keep_media_folder = $2 WHERE id = $1', [
      site.id,
      keepMediaFolder,
    ]);
    return new Scene(site, contents, await site.backUp(contents), await site.content());
  }

  async begin(): Promise<string> {
    this.filled += 1;
    await this.site.fill(`newer ${this.filled}`);
    const { contents, source: sourceId, site } = this;
    return restores.begin({ sourceId, destinationId: site.id, contents, safetyBackup: false });
  }

  /** It has ended by itself: all of what was restored is there, once, and nothing staged is. */
  async requireDone(id: string): Promise<void> {
    await restores.until(id, ['SUCCEEDED']);
    const now = await this.site.content();
    if (this.contents.includes('DATABASE')) expect(now.rows).toBe(this.backedUp.rows);
    if (this.contents.includes('MEDIA')) expect(now.files).toEqual(this.backedUp.files);
    const { databases: names, folders } = await this.site.beside();
    expect(names.length).toBe(this.contents.includes('DATABASE') ? this.filled : 0);
    expect(folders.length).toBe(this.contents.includes('MEDIA') ? this.filled : 0);
    expect(names.filter((name) => name.includes('_restore_'))).toEqual([]);
  }
}

describe.skipIf(!hasStrace)('a worker killed at a rename of media (needs strace)', () => {
  test.each([
    ['folders', ['MEDIA'], false, 2],
    ['folders, behind the database', ['DATABASE', 'MEDIA'], false, 2],
    // Journal; two or more out; journal; two in; journal.
    ['entries, with a journal', ['MEDIA'], true, 7],
  ])(
    'of %s: each of them',
    async (_name, contents, keepMediaFolder, atLeast) => {
      const scene = await Scene.make(contents, keepMediaFolder);
      let nth = 1;
      for (let killed = true; killed; nth += 1) {
        const worker = await pidOf(holdfast, 'worker');
        const trap = await killAtRename(worker, nth);
        const id = await scene.begin();
        killed = await until('the worker was killed, or the restore has succeeded', 60_000, async () => {
          if ((await pidOf(holdfast, 'worker')) !== worker) return 'killed';
          return (await restores.look(id).catch(() => null))?.status === 'SUCCEEDED' ? 'not killed' : null;
        }).then((what) => what === 'killed');
        await trap.release();
        await scene.requireDone(id);
      }
      // The last round was killed at none: there are two fewer.
      expect(nth - 2).toBeGreaterThanOrEqual(atLeast);
    },
    900_000,
  );
});

/** Waits until a session waits for a lock on a restore’s row, or on a database’s name; answers with who does. */
async function untilWaiting(lock: 'row' | 'server'): Promise<number[]> {
  const who = lock === 'row' ? `query ILIKE '%restores%'` : `application_name LIKE 'holdfast switch %'`;
  return until('the worker waits for the lock', 60_000, async () => {
    const { rows } = await asSuperuser(holdfast.data, (client) =>
      client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND ${who}`,
      ),
    );
    return rows.length > 0 ? rows.map(({ pid }) => pid) : null;
  });
}

/** Kills the worker while it waits for the lock; `letIn`: whether its last words are still heard. */
async function killWhile(lock: 'row' | 'server', letIn: boolean): Promise<void> {
  const pids = await untilWaiting(lock);
  const killing = killAndAwait(holdfast, 'worker');
  if (!letIn) {
    await asSuperuser(holdfast.data, (client) =>
      client.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [pids]),
    );
  }
  await killing;
}

/** Holds every write to a restore’s row for which `when` is so, as a slow catalogue would. */
async function whileHeld(when: string, use: () => Promise<void>): Promise<void> {
  await databases.catalogue(
    `CREATE OR REPLACE FUNCTION hold_for_test() RETURNS trigger LANGUAGE plpgsql AS
       'BEGIN PERFORM pg_advisory_xact_lock(${lockId}); RETURN NEW; END';
     CREATE TRIGGER hold_for_test BEFORE UPDATE ON restores FOR EACH ROW WHEN (${when})
       EXECUTE FUNCTION hold_for_test()`,
  );
  try {
    await databases.whileLocked('SELECT pg_advisory_xact_lock($1)', [lockId], use);
  } finally {
    await databases.catalogue('DROP FUNCTION hold_for_test CASCADE');
  }
}

const writes: Array<[string, string]> = [
  ['journal', 'NEW.journal IS NOT NULL AND OLD.journal IS NULL'],
  ['success', `NEW.status = 'SUCCEEDED' AND OLD.status <> 'SUCCEEDED'`],
];

describe.each([[['DATABASE', 'MEDIA']], [['DATABASE']]])(
  'a worker killed in the switch of %j',
  (contents) => {
    test.each(writes.flatMap(([name, when]) => [[name, when, true] as const, [name, when, false] as const]))(
      'as it writes the %s (%s; heard: %s)',
      async (_name, when, letIn) => {
        const scene = await Scene.make(contents);
        let id = '';
        await whileHeld(when, async () => {
          id = await scene.begin();
          await killWhile('row', letIn);
        });
        await scene.requireDone(id);
      },
    );

    test.each(['live', 'staged'])('as it renames the %s database', async (which) => {
      const scene = await Scene.make(contents);
      const { name } = scene.site.database;
      const [, journalWritten = ''] = writes[0] ?? [];
      let id = '';
      await asSuperuser(holdfast.data, async (client) => {
        await whileHeld(journalWritten, async () => {
          id = await scene.begin();
          await untilWaiting('row');
          const [staged] = await databases.names(`${name}_restore_`);
          await client.query(`BEGIN; COMMENT ON DATABASE "${which === 'live' ? name : staged}" IS 'held'`);
        });
        await killWhile('server', true);
        await client.query('ROLLBACK');
      });
      await scene.requireDone(id);
    });
  },
);
