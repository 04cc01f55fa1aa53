import { readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api } from '../../support/api.js';
import { asSuperuser } from '../../support/superuser.js';
import { startHoldfast, type RunningHoldfast } from '../../support/holdfast.js';

const megabyte = 1024 * 1024;

/** A Holdfast without the demo, whose storage is slow. */
let holdfast: RunningHoldfast;
let api: Api;
let media: string;
let databaseUrl: string;
let projectId: string;
let environmentId: string;

beforeAll(async () => {
  holdfast = await startHoldfast({ HOLDFAST_DEMO: '0', HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND: '3000000' });
  const ready = await holdfast.ready();
  api = new Api(ready.graphql, ready.token);
  media = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  await mkdir(path.join(media, 'photos'));
  for (const name of ['a.txt', 'photos/b.txt', 'photos/é.txt'])
    await writeFile(path.join(media, name), name.repeat(1000));
  databaseUrl = await asSuperuser(holdfast.data, async (client, { port }) => {
    await client.query(`CREATE ROLE wide LOGIN PASSWORD 'p@ss/w:rd%'`);
    await client.query('CREATE DATABASE wide OWNER wide');
    return `postgres://wide:${encodeURIComponent('p@ss/w:rd%')}@127.0.0.1:${port}/wide`;
  });
});
afterAll(async () => {
  await holdfast.stop();
  await rm(media, { recursive: true, force: true });
});

const userErrors = 'userErrors { code field message }';

describe('a project of one’s own', () => {
  test('is made, and its maker is its administrator', async () => {
    const project = await api.make<{ id: string; viewerRole: string }>(
      'createProject',
      'project',
      `mutation { createProject(input: { slug: "wide", name: "Wide world" }) { project { id viewerRole } ${userErrors} } }`,
    );
    expect(project.viewerRole).toBe('ADMIN');
    projectId = project.id;
  });

  test('has a slug that nobody else has and that fits an address', async () => {
    const refuse = async (slug: string) =>
      (
        await api.ask<{ userErrors: Array<{ code: string; field: string[] }> }>(
          'createProject',
          `mutation($slug: String!) { createProject(input: { slug: $slug, name: "x" }) { ${userErrors} } }`,
          { slug },
        )
      ).userErrors[0];
    expect(await refuse('wide')).toMatchObject({ code: 'CONFLICT', field: ['input', 'slug'] });
    expect(await refuse('No Slug')).toMatchObject({ code: 'INVALID', field: ['input', 'slug'] });
  });

  test('has environments whose addresses are checked before anything is kept', async () => {
    const refuse = async (databaseUrl: string, directory: string) =>
      (
        await api.ask<{ userErrors: Array<{ code: string; field: string[]; message: string }> }>(
          'createEnvironment',
          `mutation($i: CreateEnvironmentInput!) { createEnvironment(input: $i) { ${userErrors} } }`,
          { i: { projectId, slug: 'live', name: 'Live', stage: 'LIVE', databaseUrl, media: { directory } } },
        )
      ).userErrors;
    const found = await refuse('mysql://secret@x/y', path.join(holdfast.data, 'storage'));
    expect(found.map(({ field }) => field)).toEqual([
      ['input', 'databaseUrl'],
      ['input', 'media', 'directory'],
    ]);
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  test('is checked without touching anything, and the finding names the fault', async () => {
    const input = { projectId, slug: 'live', name: 'Live', stage: 'LIVE' };
    const environment = await api.make<{ id: string; hasDatabase: boolean; hasMedia: boolean }>(
      'createEnvironment',
      'environment',
      `mutation($i: CreateEnvironmentInput!) { createEnvironment(input: $i) { environment { id hasDatabase hasMedia } ${userErrors} } }`,
      {
        i: {
          ...input,
          databaseUrl: databaseUrl.replace('wide:', 'wide:wrong'),
          media: { directory: `${media}/gone` },
        },
      },
    );
    environmentId = environment.id;
    expect(environment).toMatchObject({ hasDatabase: true, hasMedia: true });
    const check = async () =>
      api.make<{ ok: boolean; findings: Array<{ code: string; message: string }> }>(
        'checkEnvironment',
        'check',
        `mutation($id: ID!) { checkEnvironment(id: $id) { check { ok findings { code message } } ${userErrors} } }`,
        { id: environmentId },
      );
    expect((await check()).findings.map(({ code }) => code)).toEqual([
      'DATABASE_AUTHENTICATION',
      'MEDIA_NOT_FOUND',
    ]);
    await api.make(
      'updateEnvironment',
      'environment',
      `mutation($i: UpdateEnvironmentInput!) { updateEnvironment(input: $i) { environment { id } ${userErrors} } }`,
      { i: { id: environmentId, databaseUrl, media: { directory: media } } },
    );
    expect(await check()).toEqual({ ok: true, findings: [] });
  });

  test('carries the commit that was deployed last, never an older one', async () => {
    const record = (gitCommit: string, deployedAt?: string) =>
      api.ask<{
        environment: { gitCommit: string } | null;
        userErrors: Array<{ code: string; field: string[] }>;
      }>(
        'recordDeployment',
        `mutation($e: ID!, $c: String!, $at: DateTime) { recordDeployment(environmentId: $e, gitCommit: $c, deployedAt: $at) { environment { gitCommit } ${userErrors} } }`,
        { e: environmentId, c: gitCommit, at: deployedAt },
      );
    expect((await record('A'.repeat(40), '2026-11-01T00:00:00Z')).environment?.gitCommit).toBe(
      'a'.repeat(40),
    );
    expect((await record('b'.repeat(40), '2026-10-01T00:00:00Z')).environment?.gitCommit).toBe(
      'a'.repeat(40),
    );
    expect((await record('abc123')).userErrors[0]).toMatchObject({ code: 'INVALID', field: ['gitCommit'] });
  });

  test('is backed up whole', async () => {
    const id = await api.createBackup(environmentId, ['DATABASE', 'MEDIA']);
    const backup = await api.untilBackup(id, ['SUCCEEDED']);
    expect(backup.gitCommit).toBe('a'.repeat(40));
    expect(backup.parts.find(({ content }) => content === 'MEDIA')).toMatchObject({ itemCount: 3 });
  });
});

test('progress is honest on a database of a gigabyte through a slow storage', async () => {
  await asSuperuser(
    holdfast.data,
    async (client) => {
      // Unlogged: pg_dump reads it like any other table, and making it is quick.
      await client.query('CREATE UNLOGGED TABLE plenty (id int, text text)');
      await client.query('ALTER TABLE plenty ALTER text SET STORAGE PLAIN');
      await client.query(
        `INSERT INTO plenty SELECT n, repeat(md5(n::text) || md5((-n)::text) || md5((n * 7)::text) || md5((n * 11)::text)
           || md5((n * 13)::text) || md5((n * 17)::text) || md5((n * 19)::text) || md5((n * 23)::text), 31)
         FROM generate_series(1, 140000) n`,
      );
      await client.query('ALTER TABLE plenty OWNER TO wide');
    },
    'wide',
  );
  const id = await api.createBackup(environmentId, ['DATABASE']);
  const askedAt = Date.now();
  let firstMs: number | null = null;
  const seen: Array<{ fraction: number; stored: number }> = [];
  const pushed = await api.follow(id, ({ progress }) => {
    if (progress.fraction === null) return;
    firstMs ??= Date.now() - askedAt;
    seen.push({ fraction: progress.fraction, stored: storedSoFar(id) });
  });
  const last = pushed.at(-1);
  expect(last).toMatchObject({ status: 'SUCCEEDED' });
  expect(last?.progress.totalBytes).toBeGreaterThan(1024 * megabyte);
  const grown = seen.filter(
    ({ fraction }, index) => index === 0 || fraction > (seen[index - 1]?.fraction ?? 0),
  );
  expect(grown.length).toBeGreaterThanOrEqual(20);
  // The table is uniform, so the truth is the share of the finished dump that storage holds at that moment.
  const size = last?.parts[0]?.size ?? 0;
  const tooHigh = seen.filter(({ fraction, stored }) => fraction < 0.99 && fraction > stored / size + 0.05);
  expect({ tooHigh, first: seen[0]?.fraction }).toEqual({ tooHigh: [], first: 0 });
  expect(firstMs).toBeLessThan(10_000);
  process.stdout.write(`progress: ${grown.length} growing fractions, the first after ${firstMs} ms\n`);
});

/** Bytes of the dump in storage now, finished or not. */
function storedSoFar(id: string): number {
  const storage = path.join(holdfast.data, 'storage');
  const files = readdirSync(storage, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.includes(id) && name.includes('database.dump'),
  );
  return files.reduce(
    (sum, name) => sum + (statSync(path.join(storage, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

test('deleting an environment asks for its name, forgets its secrets and keeps its backups', async () => {
  const remove = (confirmation: string) =>
    api.ask<{
      project: { environments: Array<{ deletedAt: string | null; hasDatabase: boolean }> } | null;
      userErrors: Array<{ code: string }>;
    }>(
      'deleteEnvironment',
      `mutation($id: ID!, $c: String!) { deleteEnvironment(id: $id, confirmation: $c) { project { environments { deletedAt hasDatabase } } ${userErrors} } }`,
      { id: environmentId, c: confirmation },
    );
  expect((await remove('wide/test')).userErrors[0]?.code).toBe('CONFIRMATION_REQUIRED');
  const { project } = await remove('wide/live');
  expect(project?.environments[0]).toMatchObject({ hasDatabase: false });
  expect(project?.environments[0]?.deletedAt).not.toBeNull();
  const kept = await api.ask<{ backups: { totalCount: number } }>(
    'project',
    '{ project(slug: "wide") { backups { totalCount } } }',
  );
  expect(kept.backups.totalCount).toBe(2);
});
