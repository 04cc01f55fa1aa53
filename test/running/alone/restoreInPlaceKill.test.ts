import { mkdtemp, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from '../../support/api.js';
import { Databases } from '../../support/databases.js';
import { startHoldfast, type RunningHoldfast } from '../../support/holdfast.js';
import { pidOf } from '../../support/processes.js';
import { makeProject } from '../../support/projects.js';
import { Restores } from '../../support/restores.js';
import { Site } from '../../support/site.js';
import { StorageTree } from '../../support/storageTree.js';
import { asSuperuser } from '../../support/superuser.js';
import { until } from '../../support/until.js';

let holdfast: RunningHoldfast;
let databases: Databases;
let restores: Restores;
let storage: StorageTree;
let folder: string;
let projectId: string;
let api: Api;
const both = ['DATABASE', 'MEDIA'];

beforeAll(async () => {
  holdfast = await startHoldfast({
    HOLDFAST_DEMO: '0',
    HOLDFAST_OUTAGE_SECONDS: '5',
    HOLDFAST_MEDIA_SETTLE_SECONDS: '2',
  });
  const ready = await holdfast.ready();
  api = new Api(ready.graphql, ready.token);
  restores = new Restores(api);
  databases = await Databases.of(holdfast.data);
  storage = new StorageTree(path.join(holdfast.data, 'storage'));
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  projectId = await makeProject(api, 'in-place');
});

afterAll(async () => {
  await holdfast.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What the restored database waits for while its index is built, and so just before the commit. */
const gate = 4_711;

/** A site with a role that may not create databases, two contents of it, and what stands between them. */
async function makeGated() {
  const site = await Site.make({ api, databases, folder, projectId }, 1, '');
  await databases.ask(
    site.database,
    `CREATE FUNCTION public.gate(id int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
       'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock_shared(${gate}); RETURN id; END'`,
  );
  await databases.ask(site.database, 'CREATE INDEX gated ON notes (public.gate(id))');
  const first = await site.content();
  const source = await site.backUp();
  await site.fill('second');
  const second = await site.content();
  const wish = { sourceId: source, destinationId: site.id, contents: both, safetyBackup: false };
  return { site, first, second, source, wish };
}

/** Runs `use` while the restored database’s index cannot be built until `open` is called. */
async function whileGated(site: Site, use: (open: () => Promise<void>) => Promise<void>): Promise<void> {
  const hold = async (client: Client) => {
    await client.query('SELECT pg_advisory_lock($1)', [gate]);
    await use(async () => {
      await client.query('SELECT pg_advisory_unlock_all()');
    });
  };
  await asSuperuser(holdfast.data, hold, site.database.name);
}

/** Waits until all has been said to the server but the end of the transaction, which is written down by then. */
async function untilNoted(id: string): Promise<void> {
  await until('the transaction is written down', 60_000, async () => {
    const rows = await databases.catalogue(
      `SELECT FROM restores WHERE id = $1 AND journal->'transaction' IS NOT NULL`,
      [id],
    );
    return rows.length === 1;
  });
}

async function dumpOf(source: string): Promise<string> {
  const document = await storage.document(source);
  const part = document?.parts.find(({ content }) => content === 'DATABASE');
  return path.join(storage.root, part?.key ?? '');
}

test('a worker killed between the commit in place and its record leaves a restore that succeeded', async () => {
  const { site, first, source, wish } = await makeGated();
  const dump = await dumpOf(source);
  await whileGated(site, async (open) => {
    const id = await restores.begin(wish);
    await untilNoted(id);
    await databases.whileLocked('SELECT FROM restores WHERE id = $1 FOR UPDATE', [id], async () => {
      await open();
      await until('it is committed', 30_000, async () => (await site.content()).rows === first.rows);
      process.kill(await pidOf(holdfast, 'worker'), 'SIGKILL');
      // No further attempt could restore it.
      await rename(dump, `${dump}.away`);
    });
    await restores.until(id, ['SUCCEEDED']);
    expect(await site.content()).toEqual(first);
  });
});

test('a worker killed just before the commit in place leaves old or new data, never both', async () => {
  const { site, second, source, wish } = await makeGated();
  const dump = await dumpOf(source);
  await whileGated(site, async (open) => {
    const id = await restores.begin(wish);
    await untilNoted(id);
    process.kill(await pidOf(holdfast, 'worker'), 'SIGKILL');
    await rename(dump, `${dump}.away`);
    // The server waits on, for a client that has gone.
    await restores.until(id, ['FAILED']);
    await open();
    expect(await site.content()).toEqual(second);
    await rename(`${dump}.away`, dump);
    await restores.make(wish);
  });
});
