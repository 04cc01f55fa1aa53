import { describe, expect, test } from 'vitest';
import { Restore } from '#schema/entities';
import { countQueries } from '../../support/countQueries.js';
import {
  admin,
  api,
  backup,
  fields,
  live,
  kept,
  makeBackup,
  makeRestore,
  other,
  person,
  refusal,
  restore,
  see,
  shop,
  staging,
  tell,
  useRestores,
  type RestoreSeen,
  type Payload,
} from './restoreFixture.js';

useRestores();

describe('a restore as a job', () => {
  test('is cancelled before it has begun, and told to stop while it runs', async () => {
    const { restore: made } = await restore(admin, {});
    expect((await tell('cancelJob', made?.id ?? '')).job).toEqual({ status: 'CANCELED' });
    const running = await makeRestore({ status: 'RUNNING', runId: 'r' });
    expect((await tell('cancelJob', running.id)).job).toEqual({ status: 'RUNNING' });
    const row = await api.source.getRepository(Restore).findOneByOrFail({ id: running.id });
    expect(row.cancelRequestedAt).not.toBeNull();
  });

  test('is not cancelled in the switch', async () => {
    const running = await makeRestore({
      status: 'RUNNING',
      runId: 'r',
      progress: { phase: 'switch' } as never,
    });
    expect(await see(running.id)).toMatchObject({ can: [] });
    expect(await refusal(tell('cancelJob', running.id))).toEqual([['CONFLICT', 'id']]);
    const row = await api.source.getRepository(Restore).findOneByOrFail({ id: running.id });
    expect(row.cancelRequestedAt).toBeNull();
  });

  test('is run again, unless another restore of the destination is under way', async () => {
    const failure = { code: 'DATABASE_RESTORE_FAILED' as const, message: 'x', retryable: true };
    const failed = await makeRestore({ status: 'FAILED', failure });
    const { restore: inTheWay } = await restore(admin, {});
    const { userErrors } = await tell('retryJob', failed.id);
    expect(userErrors).toMatchObject([{ code: 'CONFLICT', field: ['id'] }]);
    expect(userErrors[0]?.message).toContain(inTheWay?.id);
    await tell('cancelJob', inTheWay?.id ?? '');
    expect((await tell('retryJob', failed.id)).job).toEqual({ status: 'RUNNING' });
  });

  test('is neither cancelled nor retried by operators', async () => {
    const operator = await person({ [shop.id]: 'OPERATOR' });
    const canceled = await makeRestore({ status: 'CANCELED' });
    expect((await tell('retryJob', canceled.id, operator)).userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);
    const running = await makeRestore({ status: 'RUNNING', runId: 'r' });
    expect((await tell('cancelJob', running.id, operator)).userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);
  });

  test('is listed with the others, found by its workflow, and keeps its environment from being deleted', async () => {
    const { restore: made } = await restore(admin, {});
    const list = `query($kinds: [JobKind!]) { jobs(filter: { kinds: $kinds }) { nodes { id __typename } totalCount } }`;
    const jobs = (kinds: string[] | null) => api.ask(admin, 'jobs', list, { kinds });
    const restoreNode = { id: made?.id, __typename: 'Restore' };
    expect(await jobs(['RESTORE'])).toEqual({ nodes: [restoreNode], totalCount: 1 });
    expect(await jobs(null)).toMatchObject({ nodes: [restoreNode, { id: backup.id, __typename: 'Backup' }] });
    const byWorkflow = (id: string) =>
      api.ask(admin, 'job', 'query($id: String!) { job(workflowId: $id) { id __typename } }', { id });
    expect(await byWorkflow(`restore/${made?.id}`)).toEqual(restoreNode);
    expect(await byWorkflow(`backup/${made?.id}`)).toBeNull();
    const { userErrors } = await api.ask<Payload>(
      admin,
      'deleteEnvironment',
      'mutation($id: ID!, $c: String!) { deleteEnvironment(id: $id, confirmation: $c) { userErrors { code field } } }',
      { id: live.id, c: `${shop.slug}/live` },
    );
    expect(userErrors).toEqual([{ code: 'CONFLICT', field: ['id'] }]);
  });

  test('shows its source only to those who see that, and its backup shows what it protects', async () => {
    const done = await makeRestore({ projectId: other.id, environmentId: staging.id });
    const here = await person({ [other.id]: 'VIEWER' });
    expect(await see(done.id, here)).toMatchObject({ source: null, sourceDescription: 'as it was' });
    expect(await see(done.id)).toMatchObject({ source: { id: backup.id } });
    expect(await see(done.id, await person({}))).toBeNull();
    const safety = await makeBackup(staging, { kind: 'SAFETY', protectsRestoreId: done.id });
    const query = 'query($id: ID!) { node(id: $id) { ... on Backup { protectsRestore { id } } } }';
    expect(await api.ask(here, 'node', query, { id: safety.id })).toEqual({
      protectsRestore: { id: done.id },
    });
  });

  test('in a list, all that is shown of it is asked of the catalogue by as many queries as of two', async () => {
    const safety = await makeBackup(live, { kind: 'SAFETY' });
    for (let made = 0; made < 30; made += 1) await makeRestore({ ...kept(), safetyBackupId: safety.id });
    const query = `query($slug: String!, $first: Int) { project(slug: $slug) {
      restores(first: $first) { nodes { ${fields} } totalCount } } }`;
    const count = async (first: number) => {
      const asked = countQueries(api.source);
      const project = await api.ask<{ restores: { nodes: RestoreSeen[]; totalCount: number } }>(
        admin,
        'project',
        query,
        {
          slug: shop.slug,
          first,
        },
      );
      expect(project.restores).toMatchObject({ totalCount: 30 });
      expect(project.restores.nodes).toHaveLength(first);
      return asked();
    };
    const few = await count(2);
    expect(await count(30)).toBeLessThanOrEqual(few);
  });
});
