import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSecretBox, databaseUrlPlace } from '#schema/catalogue';
import type { Api, BackupSeen, UserError } from '../support/api.js';
import { Databases } from '../support/databases.js';
import { freePort } from '../support/holdfast.js';
import {
  makeEnvironment,
  makeProject,
  moveEnvironment,
  tellJob,
  watchProject,
  type EventSeen,
} from '../support/projects.js';
import { sharedHoldfast } from '../support/shared.js';
import { StorageTree } from '../support/storageTree.js';
import { Temporal } from '../support/temporal.js';
import { until } from '../support/until.js';

let api: Api;
let databases: Databases;
let temporal: Temporal;
let storage: StorageTree;
let project: string;
let folder: string;

beforeAll(async () => {
  const { api: shared, data, ready } = await sharedHoldfast();
  api = shared;
  databases = await Databases.of(data);
  temporal = await Temporal.of(ready);
  storage = new StorageTree(path.join(data, 'storage'));
  project = await makeProject(api, 'failures');
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
});

afterAll(async () => {
  await temporal.close();
  await rm(folder, { recursive: true, force: true });
});

/** One cause: how it is set up, what has to be said of it, how it is mended. */
interface Cause {
  name: string;
  code: string;
  says: RegExp;
  contents: string[];
  /** Sets the cause up and answers with the environment. */
  breakIt: () => Promise<string>;
  mend: (environmentId: string) => Promise<void>;
  attempts: (count: number) => boolean;
}

const once = (count: number) => count === 1;
const databaseUrl = async (name: string) => (await databases.make(name)).url;
/** Puts an address into the catalogue past the API, which would refuse it. */
async function pretend(environmentId: string, databaseUrl: string): Promise<void> {
  const { data } = await sharedHoldfast();
  const box = createSecretBox((await readFile(path.join(data, 'secrets/secret-key'), 'utf8')).trim());
  const sealed = box.seal(databaseUrl, databaseUrlPlace(environmentId));
  await databases.catalogue('UPDATE environments SET database_url_sealed = $2 WHERE id = $1', [
    environmentId,
    sealed,
  ]);
}

const moveDatabase = (name: string) => async (id: string) =>
  moveEnvironment(api, id, { databaseUrl: await databaseUrl(name) });

const causes: Cause[] = [
  {
    name: 'a database that is away',
    code: 'DATABASE_UNREACHABLE',
    says: /cannot be reached .*ECONNREFUSED.*Check that the database server runs/,
    contents: ['DATABASE'],
    breakIt: async () => {
      const databaseUrl = `postgres://app:secret-away@127.0.0.1:${await freePort()}/app`;
      return makeEnvironment(api, project, 'away', { databaseUrl });
    },
    mend: moveDatabase('failures_away'),
    attempts: (count) => count >= 3,
  },
  {
    name: 'a wrong password',
    code: 'DATABASE_AUTHENTICATION',
    says: /does not let “failures_password” in .*Correct the user name or password/,
    contents: ['DATABASE'],
    breakIt: async () => {
      const { name } = await databases.make('failures_password');
      return makeEnvironment(api, project, 'password', {
        databaseUrl: databases.urlOf(name, 'secret-wrong'),
      });
    },
    mend: (id) =>
      moveEnvironment(api, id, { databaseUrl: databases.urlOf('failures_password', 'of-failures_password') }),
    attempts: once,
  },
  {
    name: 'a database that does not exist, after the media were to be copied with it',
    code: 'DATABASE_AUTHENTICATION',
    says: /There is no database .*failures_none/,
    contents: ['DATABASE', 'MEDIA'],
    breakIt: async () => {
      const { name, password } = await databases.make('failures_other');
      const databaseUrl = databases.urlOf(name, password, 'failures_none');
      return makeEnvironment(api, project, 'none', {
        databaseUrl,
        media: { directory: await makeMedia('none') },
      });
    },
    mend: (id) =>
      moveEnvironment(api, id, { databaseUrl: databases.urlOf('failures_other', 'of-failures_other') }),
    attempts: once,
  },
  {
    name: 'a missing media folder, after the database was dumped',
    code: 'MEDIA_NOT_FOUND',
    says: /The media folder “.*gone” does not exist.*Create the folder/,
    contents: ['DATABASE', 'MEDIA'],
    breakIt: async () =>
      makeEnvironment(api, project, 'gone', {
        databaseUrl: await databaseUrl('failures_gone'),
        media: { directory: path.join(folder, 'gone') },
      }),
    mend: async () => void (await makeMedia('gone')),
    attempts: once,
  },
  {
    name: 'Holdfast’s own catalogue, where only the dump finds out',
    code: 'DATABASE_PERMISSION',
    says: /This is Holdfast’s own catalogue/,
    contents: ['DATABASE'],
    breakIt: async () => {
      const id = await makeEnvironment(api, project, 'catalogue', {
        databaseUrl: 'postgres://a:b@127.0.0.1:1/c',
      });
      await pretend(id, databases.catalogueUrl());
      return id;
    },
    mend: moveDatabase('failures_catalogue'),
    attempts: once,
  },
];

describe.each(causes)('$name', ({ code, says, contents, breakIt, mend, attempts }) => {
  let environmentId: string;
  let backup: BackupSeen;
  let watcher: ReturnType<typeof watchProject>;

  beforeAll(async () => {
    environmentId = await breakIt();
    watcher = watchProject(api, project);
    await hears(watcher.events, environmentId);
    backup = await api.untilBackup(await api.createBackup(environmentId, contents), ['FAILED'], 60_000);
  });

  afterAll(() => watcher.stop());

  test(`fails as ${code}, in words for people`, () => {
    expect(backup.failure).toMatchObject({ code, retryable: true });
    expect(backup.failure?.message).toMatch(says);
    expect(backup.failure?.message).not.toMatch(/secret-|of-failures/);
    expect(attempts(backup.progress.attempt)).toBe(true);
    expect(backup.can).toContain('RETRY');
  });

  test('is seen live', async () => {
    const ended = await until('the failure is pushed', 10_000, async () =>
      endOf(watcher.events, backup.id, 'FAILED'),
    );
    expect(ended.job?.failure).toEqual(backup.failure);
  });

  test('is a failed workflow of that type, found by it', async () => {
    const seen = await until('the workflow has ended', 10_000, async () => {
      const found = await temporal.look(backup.id);
      return found.status === 'RUNNING' ? null : found;
    });
    expect(seen).toMatchObject({
      status: 'FAILED',
      failureType: code,
      failureAttribute: code,
      runId: backup.workflow.runId,
    });
    expect(seen.failureMessage).toBe(backup.failure?.message);
    await until('support staff find it by its code', 30_000, async () => {
      const query = `HoldfastFailure = '${code}' AND HoldfastJob = '${backup.id}'`;
      return (await temporal.client.workflow.count(query)).count === 1;
    });
  });

  test('leaves nothing in storage', async () => {
    expect(await storage.ofEnvironment(environmentId)).toEqual([]);
    expect(await packsOf(environmentId)).toBe(0);
  });

  test('succeeds by a retry once the cause is mended, with one result', async () => {
    await mend(environmentId);
    expect(await tellJob(api, 'retryJob', backup.id)).toBe('RUNNING');
    const again = await api.untilBackup(backup.id, ['SUCCEEDED'], 60_000);
    expect(again).toMatchObject({ failure: null, contents: backup.contents });
    expect(again.progress.attempt).toBeGreaterThan(backup.progress.attempt);
    expect(again.parts.map(({ content }) => content)).toEqual(contents);
    expect(await storage.explain(environmentId)).toEqual({ unexplained: [], missing: [] });
    expect((await storage.document(backup.id))?.parts.map(({ content }) => content)).toEqual(contents);
    await until('the success is pushed', 10_000, async () => endOf(watcher.events, backup.id, 'SUCCEEDED'));
    expect(
      watcher.events.filter(({ kind, job }) => kind === 'JOB_STARTED' && job?.id === backup.id).length,
    ).toBeGreaterThan(1);
  });
});

describe('Holdfast’s own catalogue', () => {
  const spellings = [
    '127.0.0.1',
    'LOCALHOST',
    '[::1]',
    '127.1',
    '2130706433',
    '0.0.0.0',
    '[::ffff:127.0.0.1]',
  ];
  const refusal = [
    {
      code: 'INVALID',
      field: ['input', 'databaseUrl'],
      message: expect.stringContaining('own catalogue') as string,
    },
  ];

  test.each(spellings)('as %s is refused for a new environment', async (host) => {
    const input = {
      projectId: project,
      slug: 'own',
      name: 'Own',
      stage: 'TEST',
      databaseUrl: databases.catalogueUrl(host),
    };
    expect(await refusals('createEnvironment', 'CreateEnvironmentInput', input)).toEqual(refusal);
  });

  test.each(spellings)('as %s is refused for a changed environment', async (host) => {
    const id = await makeEnvironment(api, project, `own-${spellings.indexOf(host)}`, {});
    expect(
      await refusals('updateEnvironment', 'UpdateEnvironmentInput', {
        id,
        databaseUrl: databases.catalogueUrl(host),
      }),
    ).toEqual(refusal);
  });
});

async function refusals(mutation: string, type: string, input: object): Promise<UserError[]> {
  const query = `mutation($input: ${type}!) { ${mutation}(input: $input) { userErrors { code field message } } }`;
  return (await api.ask<{ userErrors: UserError[] }>(mutation, query, { input })).userErrors;
}

/** A media folder with a few files. */
async function makeMedia(name: string): Promise<string> {
  const directory = path.join(folder, name);
  await mkdir(directory);
  for (const file of ['one', 'two']) await writeFile(path.join(directory, file), `${file} of ${name}`);
  return directory;
}

/** Waits until the watcher is told of changes. */
async function hears(events: EventSeen[], environmentId: string): Promise<void> {
  let round = 0;
  await until('the watcher hears', 20_000, async () => {
    round += 1;
    const query =
      'mutation($input: UpdateEnvironmentInput!) { updateEnvironment(input: $input) { userErrors { code } } }';
    await api.ask('updateEnvironment', query, { input: { id: environmentId, name: `Round ${round}` } });
    return events.length > 0;
  });
}

function endOf(events: EventSeen[], id: string, status: string): EventSeen | undefined {
  return events.find(({ kind, job }) => kind === 'JOB_ENDED' && job?.id === id && job.status === status);
}

async function packsOf(environmentId: string): Promise<number> {
  const rows = await databases.catalogue<{ count: number }>(
    'SELECT count(*)::int AS count FROM packs WHERE environment_id = $1',
    [environmentId],
  );
  return rows[0]?.count ?? -1;
}
