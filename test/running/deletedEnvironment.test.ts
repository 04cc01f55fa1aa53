import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DataSource } from 'typeorm';
import { Backup, Environment } from '#schema/entities';
import type { Api, UserError } from '../support/api.js';
import { openCatalogue } from '../support/people.js';
import { makeEnvironment, makeProject } from '../support/projects.js';
import { sharedHoldfast } from '../support/shared.js';
import { until } from '../support/until.js';

// What is asked of an environment at the moment in which somebody else deletes it.

let api: Api;
let source: DataSource;
let projectId: string;

beforeAll(async () => {
  const { api: shared, data } = await sharedHoldfast();
  api = shared;
  source = await openCatalogue(data);
  projectId = await makeProject(api, 'deleted');
});
afterAll(() => source.destroy());

/** Deletes it, and commits only when what `ask` began waits for that. */
async function deleteDuring<Answer>(id: string, ask: () => Promise<Answer>): Promise<Answer> {
  let asked: Promise<Answer> | undefined;
  await source.transaction(async (manager) => {
    await manager.update(Environment, id, {
      deletedAt: new Date(),
      databaseUrlSealed: null,
      mediaDirectory: null,
    });
    const [{ pid } = { pid: 0 }] = await manager.query<Array<{ pid: number }>>(
      'SELECT pg_backend_pid() AS pid',
    );
    asked = ask();
    await until('the request waits', 20_000, async () => {
      const waiting = await source.query<unknown[]>(
        'SELECT 1 FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))',
        [pid],
      );
      return waiting.length > 0;
    });
  });
  if (!asked) throw new Error('Nothing was asked');
  return asked;
}

const refusals = (field: string, query: string, variables: Record<string, unknown>) =>
  api.ask<{ userErrors: UserError[] }>(field, query, variables).then(({ userErrors }) => userErrors);

test('a change that comes too late gives it no secrets back', async () => {
  const id = await makeEnvironment(api, projectId, 'changed', { media: { directory: '/srv/deleted' } });
  const found = await deleteDuring(id, () =>
    refusals(
      'updateEnvironment',
      'mutation($input: UpdateEnvironmentInput!) { updateEnvironment(input: $input) { userErrors { code field message } } }',
      { input: { id, databaseUrl: 'postgres://u:secret@127.0.0.1:1/d', media: { directory: '/srv/again' } } },
    ),
  );
  expect(found).toMatchObject([{ code: 'INVALID', field: ['input', 'id'] }]);
  expect(await source.getRepository(Environment).findOneByOrFail({ id })).toMatchObject({
    deletedAt: expect.any(Date),
    databaseUrlSealed: null,
    mediaDirectory: null,
    mediaS3KeysSealed: null,
  });
});

test('a job of it is not retried any more', async () => {
  const id = await makeEnvironment(api, projectId, 'retried', {
    media: { directory: '/tmp/nowhere-of-deleted' },
  });
  const backup = await api.createBackup(id, ['MEDIA']);
  await api.untilBackup(backup, ['FAILED']);
  const found = await deleteDuring(id, () =>
    refusals('retryJob', 'mutation($id: ID!) { retryJob(id: $id) { userErrors { code field message } } }', {
      id: backup,
    }),
  );
  expect(found).toMatchObject([{ code: 'INVALID', field: ['id'] }]);
  expect(await source.getRepository(Backup).findOneByOrFail({ id: backup })).toMatchObject({
    status: 'FAILED',
  });
});
