import { beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../support/api.js';
import type { Ready } from '../support/holdfast.js';
import { sharedHoldfast } from '../support/shared.js';

let api: Api;
let ready: Ready;
let environmentId: string;
let projectId: string;

beforeAll(async () => {
  ({ api, ready } = await sharedHoldfast());
  environmentId = await api.environmentId('shop', 'test');
  projectId = (await api.ask<{ id: string }>('project', '{ project(slug: "shop") { id } }')).id;
});

const codeOf = async (query: string, variables: Record<string, unknown> = {}) => {
  const { errors, data } = await api.send(query, variables);
  return errors?.[0]?.extensions?.code ?? (data === null ? 'nothing' : 'answered');
};
const refusal = async (field: string, query: string, variables: Record<string, unknown>) =>
  (await api.ask<{ userErrors: Array<{ code: string; field: string[] }> }>(field, query, variables))
    .userErrors[0];

const nested = (depth: number): string =>
  depth === 0 ? 'id' : `environments { project { ${nested(depth - 1)} } }`;

describe('rubbish is answered with words, never with a fault', () => {
  const documents: Array<[string, string, Record<string, unknown>, string]> = [
    [
      'a zero byte in a slug, which no project has',
      'query($s: String!) { project(slug: $s) { id } }',
      { s: 'a\0b' },
      'answered',
    ],
    [
      'a zero byte in a search',
      'query($s: String) { projects(search: $s) { nodes { id } } }',
      { s: 'a\0b' },
      'BAD_USER_INPUT',
    ],
    [
      'a search of very many words',
      'query($s: String) { projects(search: $s) { nodes { id } } }',
      { s: 'a '.repeat(70_000) },
      'BAD_USER_INPUT',
    ],
    ['first: 0', '{ projects(first: 0) { nodes { id } } }', {}, 'BAD_USER_INPUT'],
    ['first: 101', '{ projects(first: 101) { nodes { id } } }', {}, 'BAD_USER_INPUT'],
    [
      'a cursor of dashes',
      'query($a: String) { projects(after: $a) { nodes { id } } }',
      { a: cursor('2026-01-01T00:00:00.000Z', '-'.repeat(36)) },
      'BAD_USER_INPUT',
    ],
    [
      'a cursor before all time',
      'query($a: String) { projects(after: $a) { nodes { id } } }',
      { a: cursor('-271821-04-20T00:00:00.000Z', 'a') },
      'BAD_USER_INPUT',
    ],
    [
      'two operations without a name',
      'query A { viewer { id } } query B { viewer { id } }',
      {},
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['a subscription by POST', 'subscription { jobChanged(id: "x") { id } }', {}, 'BAD_REQUEST'],
    [
      'a variable of another type',
      'query($n: Int) { projects(first: $n) { nodes { id } } }',
      { n: 'x' },
      'BAD_USER_INPUT',
    ],
    [
      'an unknown word of an enum',
      '{ project(slug: "shop") { environments(stages: [NOWHERE]) { id } } }',
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'lists within lists within lists',
      `{ project(slug: "shop") { ${nested(6)} } }`,
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'nesting hidden in fragments',
      `{ project(slug: "shop") { ...A } } fragment A on Project { environments { project { ...B } } } fragment B on Project { environments { project { ...C } } } fragment C on Project { environments { project { ...D } } } fragment D on Project { environments { project { environments { id } } } }`,
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ];
  test.each(documents)('%s', async (_what, query, variables, code) => {
    expect(await codeOf(query, variables)).toBe(code);
  });

  test('a body that is no JSON, or too large, in the API’s own form on both addresses', async () => {
    for (const url of [ready.graphql, `${ready.graphql}/stream`]) {
      for (const [body, status] of [
        ['{', 400],
        [JSON.stringify({ query: 'x'.repeat(2_000_000) }), 413],
      ] as const) {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        expect(response.status).toBe(status);
        expect(response.headers.get('content-type')).toContain('application/json');
        await response.body?.cancel();
      }
    }
  });
});

test('an ordinary client’s documents are not too heavy: introspection, and a page of everything', async () => {
  const { getIntrospectionQuery } = await import('graphql');
  expect(await codeOf(getIntrospectionQuery())).toBe('answered');
  const everything = `{ projects(first: 100) { nodes { id slug environments { id slug latestBackup { id } } } }
    project(slug: "shop") { backups(first: 100) { edges { node { id environment { id slug } parts { content size sha256 } progress { fraction } } } } } }`;
  expect(await codeOf(everything)).toBe('answered');
});

test('a deployment that is still to come is refused: it would hold off every later one', async () => {
  const query = `mutation($e: ID!, $at: DateTime) { recordDeployment(environmentId: $e, gitCommit: "${'c'.repeat(40)}", deployedAt: $at) { userErrors { code field } } }`;
  expect(
    await refusal('recordDeployment', query, { e: environmentId, at: '9999-12-31T23:59:59Z' }),
  ).toMatchObject({
    code: 'INVALID',
    field: ['deployedAt'],
  });
});

test('names that cannot be seen, and folders that are none, are refused', async () => {
  const create =
    'mutation($i: CreateProjectInput!) { createProject(input: $i) { userErrors { code field } } }';
  for (const name of ['\u200b', 'a\nb', '\u202eabc', '']) {
    expect(await refusal('createProject', create, { i: { slug: 'unseen', name } })).toMatchObject({
      field: ['input', 'name'],
    });
  }
  const add =
    'mutation($i: CreateEnvironmentInput!) { createEnvironment(input: $i) { userErrors { code field } } }';
  for (const directory of ['/proc', '/sys/kernel', 'relative', `/${'x'.repeat(5_000)}`]) {
    const input = { projectId, slug: 'unseen', name: 'Unseen', stage: 'TEST', media: { directory } };
    expect(await refusal('createEnvironment', add, { i: input })).toMatchObject({
      field: ['input', 'media', 'directory'],
    });
  }
});

test('what is asked in the wrong way or the wrong place is answered with what to do', async () => {
  const said = async (address: string, options: RequestInit = {}) => {
    const response = await fetch(`${ready.web}${address}`, options);
    const { errors } = (await response.json()) as { errors: Array<{ message: string }> };
    return `${response.status} ${errors[0]?.message}`;
  };
  const json = { 'content-type': 'application/json' };
  const body = '{"query":"{ viewer { id } }"}';
  expect(await said('/assets/nothing.js')).toMatch(/^404 There is nothing/);
  expect(await said('/%c0%af')).toMatch(/^400 The address cannot be read/);
  expect(await said('/graphql', { method: 'POST', headers: json, body: '{' })).toMatch(/^400 .*send JSON/);
  for (const accept of ['*/*', 'application/json']) {
    expect(await said('/graphql/stream', { method: 'POST', headers: { ...json, accept }, body })).toMatch(
      /^406 .*`accept: text\/event-stream`/,
    );
  }
});

test('media that are neither here nor there are asked for', async () => {
  const add =
    'mutation($i: CreateEnvironmentInput!) { createEnvironment(input: $i) { userErrors { field message } } }';
  const input = { projectId, slug: 'neither', name: 'Neither', stage: 'TEST', media: {} };
  const found = await refusal('createEnvironment', add, { i: input });
  expect(found).toMatchObject({
    field: ['input', 'media'],
    message: expect.not.stringContaining('not both'),
  });
});

test('a link preview does not use the banner’s link up, and a mailed link is not used by opening it', async () => {
  const preview = await fetch(ready.signIn, { method: 'HEAD', redirect: 'manual' });
  expect(preview.headers.get('set-cookie')).toBeNull();
  const mailed = await fetch(`${ready.web}/sign-in/hfl_${'x'.repeat(43)}`, { redirect: 'manual' });
  expect(mailed.headers.get('set-cookie')).toBeNull();
});

function cursor(time: string, id: string): string {
  return Buffer.from(`${time} ${id}`).toString('base64url');
}
