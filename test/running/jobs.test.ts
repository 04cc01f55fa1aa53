import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api } from '../support/api.js';
import { newPerson, openCatalogue } from '../support/people.js';
import { makeEnvironment, makeProject } from '../support/projects.js';
import { sharedHoldfast } from '../support/shared.js';

interface JobSeen {
  id: string;
  status: string;
  updatedAt: string;
  workflow: { workflowId: string };
  failure: { code: string } | null;
}
interface JobPage {
  nodes: JobSeen[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount: number;
}

const document = `query($first: Int, $after: String, $filter: JobFilter) {
  jobs(first: $first, after: $after, filter: $filter) {
    nodes { id status updatedAt workflow { workflowId } failure { code } } pageInfo { hasNextPage endCursor } totalCount } }`;

let admin: Api;
let graphql: string;
let source: DataSource;
let folder: string;
let projectId: string;
let environmentId: string;
let made: string[];

beforeAll(async () => {
  const shared = await sharedHoldfast();
  admin = shared.api;
  graphql = shared.ready.graphql;
  source = await openCatalogue(shared.data);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-jobs-'));
  await writeFile(path.join(folder, 'a.txt'), 'a');
  projectId = await makeProject(admin, 'jobs');
  environmentId = await makeEnvironment(admin, projectId, 'live', { media: { directory: folder } });
  made = [];
  for (const note of ['one', 'two', 'three']) {
    const id = await admin.createBackup(environmentId, ['MEDIA'], note);
    await admin.untilBackup(id, ['SUCCEEDED']);
    made.push(id);
  }
});
afterAll(async () => {
  await source.destroy();
  await rm(folder, { recursive: true, force: true });
});

const jobs = (api: Api, variables: Record<string, unknown> = {}) =>
  api.ask<JobPage>('jobs', document, variables);
const ids = ({ nodes }: JobPage) => nodes.map(({ id }) => id);
const note = (id: string, text: string) =>
  admin.make(
    'updateBackup',
    'backup',
    `mutation($id: ID!, $text: String) {
    updateBackup(input: { id: $id, note: $text }) { backup { id } userErrors { message } } }`,
    { id, text },
  );
const ofProject = { projectIds: [] as string[] };
beforeAll(() => {
  ofProject.projectIds = [projectId];
});

describe('jobs', () => {
  test('are listed newest change first, with the id that Temporal shows', async () => {
    const page = await jobs(admin, { filter: ofProject });
    expect(ids(page)).toEqual([...made].reverse());
    expect(page.totalCount).toBe(3);
    expect(page.nodes[0]?.workflow.workflowId).toBe(`backup/${made[2]}`);
    await note(made[0] ?? '', 'changed');
    expect(ids(await jobs(admin, { filter: ofProject }))[0]).toBe(made[0]);
  });

  test('page after page, each comes once; one that changes meanwhile moves to the front', async () => {
    const first = await jobs(admin, { first: 2, filter: ofProject });
    expect(first.pageInfo.hasNextPage).toBe(true);
    await note(ids(first)[1] ?? '', 'changed while paging');
    const second = await jobs(admin, { first: 2, after: first.pageInfo.endCursor, filter: ofProject });
    expect(second.pageInfo.hasNextPage).toBe(false);
    expect([...ids(first), ...ids(second)].sort()).toEqual([...made].sort());
    expect(ids(await jobs(admin, { first: 1, filter: ofProject }))).toEqual([ids(first)[1]]);
  });

  test('catch up: what changed after an instant, and nothing else', async () => {
    const [newest] = (await jobs(admin, { filter: ofProject })).nodes;
    const updatedAfter = newest?.updatedAt;
    expect(ids(await jobs(admin, { filter: { ...ofProject, updatedAfter } }))).toEqual([]);
    await note(made[1] ?? '', 'missed');
    expect(ids(await jobs(admin, { filter: { ...ofProject, updatedAfter } }))).toEqual([made[1]]);
  });

  test('are narrowed by kind, status, failure, environment and time', async () => {
    const failing = await makeEnvironment(admin, projectId, 'gone', {
      media: { directory: `${folder}/gone` },
    });
    const failed = await admin.createBackup(failing, ['MEDIA'], '');
    await admin.untilBackup(failed, ['FAILED']);
    const narrowed = async (filter: object) =>
      ids(await jobs(admin, { filter: { ...ofProject, ...filter } }));
    expect(await narrowed({ failureCodes: ['MEDIA_NOT_FOUND'] })).toEqual([failed]);
    expect(await narrowed({ statuses: ['FAILED'] })).toEqual([failed]);
    expect(await narrowed({ environmentIds: [failing] })).toEqual([failed]);
    expect(await narrowed({ environmentIds: ['no id'] })).toEqual([]);
    expect(await narrowed({ kinds: ['RESTORE'] })).toEqual([]);
    expect(await narrowed({ kinds: ['BACKUP'] })).toHaveLength(4);
    const { createdAt } = await admin.ask<{ createdAt: string }>(
      'node',
      'query($id: ID!) { node(id: $id) { ... on Job { createdAt } } }',
      { id: failed },
    );
    expect(await narrowed({ createdBefore: createdAt })).toHaveLength(3);
    expect(await narrowed({ createdAfter: createdAt })).toEqual([]);
  });

  test('a project’s own list holds its jobs alone', async () => {
    const project = await admin.ask<{ jobs: JobPage }>(
      'node',
      'query($id: ID!) { node(id: $id) { ... on Project { jobs(first: 100) { nodes { id } totalCount } } } }',
      { id: projectId },
    );
    expect(ids(project.jobs)).toEqual(expect.arrayContaining(made));
    expect(project.jobs.nodes).toHaveLength(project.jobs.totalCount);
  });
});

describe('who sees jobs', () => {
  const byWorkflow = (api: Api, workflowId: string) =>
    api.ask<{ id: string } | null>('job', 'query($id: String!) { job(workflowId: $id) { id } }', {
      id: workflowId,
    });

  test('a member sees those of their projects, nobody else any', async () => {
    const member = new Api(graphql, (await newPerson(source, { roles: { [projectId]: 'VIEWER' } })).token);
    expect(ids(await jobs(member))).toEqual(expect.arrayContaining(made));
    expect((await jobs(member)).totalCount).toBe(4);
    const stranger = new Api(graphql, (await newPerson(source)).token);
    expect(await jobs(stranger, { filter: ofProject })).toMatchObject({ nodes: [], totalCount: 0 });
    expect(await byWorkflow(stranger, `backup/${made[0]}`)).toBeNull();
  });

  test('support staff see those of every project, and find one by the id in Temporal', async () => {
    const support = new Api(graphql, (await newPerson(source, { isSupport: true })).token);
    expect(ids(await jobs(support, { filter: ofProject }))).toEqual(expect.arrayContaining(made));
    expect((await jobs(support, { first: 1 })).totalCount).toBeGreaterThanOrEqual(4);
    expect(await byWorkflow(support, `backup/${made[0]}`)).toEqual({ id: made[0] });
  });

  test('an id that is none answers null', async () => {
    for (const id of [
      '',
      'backup/',
      'backup/x',
      `check/${made[0]}/1`,
      `backup/${made[0]}/x`,
      `restore/${made[0]}`,
    ]) {
      expect(await byWorkflow(admin, id)).toBeNull();
    }
  });

  test('a page size or cursor that is none is refused by name', async () => {
    const wrong = async (variables: object) => (await admin.send(document, { ...variables })).errors?.[0];
    expect(await wrong({ first: 0 })).toMatchObject({ message: expect.stringContaining('first') as string });
    expect(await wrong({ after: 'x' })).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
      message: expect.stringContaining('after') as string,
    });
  });
});
