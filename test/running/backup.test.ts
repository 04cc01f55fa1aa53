import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Api, BackupSeen } from '../support/api.js';
import { sharedHoldfast } from '../support/shared.js';

const run = promisify(execFile);
let api: Api;
let data: string;
let live: string;

beforeAll(async () => {
  ({ api, data } = await sharedHoldfast());
  live = await api.environmentId('shop', 'live');
});

describe('a backup of the demo’s Live environment', () => {
  let pushed: BackupSeen[];
  let backup: BackupSeen;

  beforeAll(async () => {
    const id = await api.createBackup(live, ['DATABASE', 'MEDIA'], 'Before the launch');
    pushed = await api.follow(id);
    backup = await api.backup(id);
  });

  test('succeeds, with date, sizes, commit and parts', () => {
    expect(backup).toMatchObject({
      status: 'SUCCEEDED',
      kind: 'ON_DEMAND',
      note: 'Before the launch',
      failure: null,
    });
    expect(backup.takenAt).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(backup.gitCommit).toMatch(/^[0-9a-f]{40}$/);
    expect(backup.parts.map(({ content }) => content)).toEqual(['DATABASE', 'MEDIA']);
    expect(backup.totalSize).toBe(backup.parts.reduce((sum, { size }) => sum + size, 0));
    expect(backup.parts[1]?.itemCount).toBeGreaterThanOrEqual(800);
  });

  test('is pushed live: every sequence newer, no fraction smaller, the last one complete', () => {
    const sequences = pushed.map(({ progress }) => progress.sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
    const fractions = pushed.flatMap(({ progress }) => progress.fraction ?? []);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(pushed.length).toBeGreaterThan(5);
    expect(pushed.at(-1)).toMatchObject({ status: 'SUCCEEDED', progress: { fraction: 1 } });
  });

  test('is in storage as stock pg_restore and sha256 know it', async () => {
    const folder = await backupFolder(backup.id);
    const document = JSON.parse(await readFile(path.join(folder, 'backup.json'), 'utf8')) as {
      parts: Array<{ content: string; key: string; sha256: string }>;
    };
    const dump = document.parts.find(({ content }) => content === 'DATABASE');
    const file = path.join(data, 'storage', dump?.key ?? '');
    const { stdout } = await run('sha256sum', ['--', file]);
    expect(stdout.slice(0, 64)).toBe(dump?.sha256);
    expect(dump?.sha256).toBe(backup.parts[0]?.sha256);
    expect((await readFile(file)).subarray(0, 5).toString()).toBe('PGDMP');
  });

  test('shows support staff where it stands in Temporal', () => {
    expect(backup.workflow.workflowId).toBe(`backup/${backup.id}`);
    expect(backup.workflow.url).toContain(encodeURIComponent(`backup/${backup.id}`));
  });

  test('can be restored, downloaded and annotated', async () => {
    expect(backup.can).toEqual(['RESTORE', 'DOWNLOAD', 'EDIT_NOTE']);
    const changed = await api.make<{ note: string }>(
      'updateBackup',
      'backup',
      'mutation($i: UpdateBackupInput!) { updateBackup(input: $i) { backup { note } userErrors { code field message } } }',
      { i: { id: backup.id, note: 'After the launch' } },
    );
    expect(changed.note).toBe('After the launch');
  });

  test('is the environment’s latest backup', async () => {
    const project = await api.ask<{ environment: { latestBackup: { id: string }; storedSize: number } }>(
      'project',
      '{ project(slug: "shop") { environment(slug: "live") { latestBackup(contents: [MEDIA]) { id } storedSize } } }',
    );
    expect(project.environment.latestBackup.id).toBe(backup.id);
    expect(project.environment.storedSize).toBeGreaterThan(0);
  });

  test('is told from other ones, for many environments at once', async () => {
    const { environments } = await api.ask<{ environments: Array<Record<string, unknown>> }>(
      'project',
      `{ project(slug: "shop") { environments {
          slug storedSize database: latestBackup(contents: [DATABASE]) { id } any: latestBackup { id environment { slug } }
          scheduled: latestBackup(kinds: [SCHEDULED]) { id } none: latestBackup(kinds: []) { id }
          twice: latestBackup(contents: [MEDIA, DATABASE, MEDIA], kinds: [ON_DEMAND, ON_DEMAND]) { id } } } }`,
    );
    expect(environments.find(({ slug }) => slug === 'live')).toMatchObject({
      database: { id: backup.id },
      any: { id: backup.id, environment: { slug: 'live' } },
      scheduled: null,
      none: null,
      twice: { id: backup.id },
    });
    const other = environments.find(({ slug }) => slug === 'test');
    expect(other?.any).not.toMatchObject({ id: backup.id });
  });
});

describe('asking for a backup', () => {
  const mutation = `mutation($input: CreateBackupInput!) {
    createBackup(input: $input) { backup { id status } userErrors { code field message } } }`;
  const refused = async (input: object) =>
    (
      await api.ask<{ userErrors: Array<{ code: string; field: string[]; message: string }> }>(
        'createBackup',
        mutation,
        { input },
      )
    ).userErrors;

  test('names what is wrong with it', async () => {
    expect(await refused({ environmentId: live, contents: [] })).toMatchObject([
      { code: 'INVALID', field: ['input', 'contents'] },
    ]);
    expect(await refused({ environmentId: live, contents: ['MEDIA'], note: 'x'.repeat(501) })).toMatchObject([
      { code: 'INVALID', field: ['input', 'note'] },
    ]);
    expect(await refused({ environmentId: 'nonsense', contents: ['MEDIA'] })).toMatchObject([
      { code: 'NOT_FOUND', field: ['input', 'environmentId'] },
    ]);
  });

  test('with one key twice answers with the first backup, with other input not at all', async () => {
    const input = {
      environmentId: await api.environmentId('shop', 'test'),
      contents: ['MEDIA'],
      idempotencyKey: 'once',
    };
    const first = await api.ask<{ backup: { id: string } }>('createBackup', mutation, { input });
    const second = await api.ask<{ backup: { id: string } }>('createBackup', mutation, { input });
    expect(second.backup.id).toBe(first.backup.id);
    expect(await refused({ ...input, note: 'other' })).toMatchObject([
      { code: 'CONFLICT', field: ['input', 'idempotencyKey'] },
    ]);
    await api.untilBackup(first.backup.id, ['SUCCEEDED']);
  });
});

test('the list pages by cursor, newest first, and counts when asked', async () => {
  const test = await api.environmentId('shop', 'test');
  const ids: string[] = [];
  for (const note of ['page one', 'page two', 'page three']) {
    const id = await api.createBackup(test, ['MEDIA'], note);
    await api.untilBackup(id, ['SUCCEEDED']);
    ids.unshift(id);
  }
  const page = async (args: string) =>
    (
      await api.ask<{
        backups: {
          nodes: Array<{ id: string }>;
          pageInfo: { hasNextPage: boolean; endCursor: string };
          totalCount: number;
        };
      }>(
        'project',
        `{ project(slug: "shop") { backups(${args} filter: { search: "page", stages: [TEST] }) { nodes { id } pageInfo { hasNextPage endCursor } totalCount } } }`,
      )
    ).backups;
  const first = await page('first: 2');
  expect(first.nodes.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  expect(first).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
  const rest = await page(`first: 2, after: "${first.pageInfo.endCursor}"`);
  expect(rest.nodes.map(({ id }) => id)).toEqual(ids.slice(2));
  expect(rest.pageInfo.hasNextPage).toBe(false);
  const last = await page('last: 1');
  expect(last.nodes.map(({ id }) => id)).toEqual(ids.slice(2));
  const wrong = await api.send('{ project(slug: "shop") { backups(first: 101) { nodes { id } } } }');
  expect(wrong.errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
});

async function backupFolder(id: string): Promise<string> {
  const { stdout } = await run('find', [path.join(data, 'storage'), '-type', 'd', '-name', id]);
  return stdout.trim();
}
