import { createClient as createSseClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DataSource } from 'typeorm';
import WebSocket from 'ws';
import { User } from '#schema/entities';
import { createSignInLink } from '../../server/identity/signInLinks.js';
import { Api } from '../support/api.js';
import type { Ready } from '../support/holdfast.js';
import { newPerson, openCatalogue } from '../support/people.js';
import { sharedHoldfast } from '../support/shared.js';
import { until } from '../support/until.js';

let admin: Api;
let ready: Ready;
let source: DataSource;
let projectId: string;
let environmentId: string;
let backupId: string;

beforeAll(async () => {
  const shared = await sharedHoldfast();
  ({ api: admin, ready } = shared);
  source = await openCatalogue(shared.data);
  projectId = (await admin.ask<{ id: string }>('project', '{ project(slug: "shop") { id } }')).id;
  environmentId = await admin.environmentId('shop', 'test');
  backupId = await admin.createBackup(environmentId, ['MEDIA'], 'for access');
  await admin.untilBackup(backupId, ['SUCCEEDED']);
});
afterAll(() => source.destroy());

const as = async (person: Parameters<typeof newPerson>[1]) =>
  new Api(ready.graphql, (await newPerson(source, person)).token);

const deeds: Array<[string, string, () => Record<string, unknown>]> = [
  [
    'createBackup',
    'mutation($e: ID!) { createBackup(input: { environmentId: $e, contents: [MEDIA] }) { userErrors { code } } }',
    () => ({ e: environmentId }),
  ],
  [
    'updateBackup',
    'mutation($b: ID!) { updateBackup(input: { id: $b, note: "x" }) { userErrors { code } } }',
    () => ({ b: backupId }),
  ],
  ['cancelJob', 'mutation($b: ID!) { cancelJob(id: $b) { userErrors { code } } }', () => ({ b: backupId })],
  ['retryJob', 'mutation($b: ID!) { retryJob(id: $b) { userErrors { code } } }', () => ({ b: backupId })],
  [
    'createEnvironment',
    'mutation($p: ID!) { createEnvironment(input: { projectId: $p, slug: "x", name: "X", stage: TEST }) { userErrors { code } } }',
    () => ({ p: projectId }),
  ],
  [
    'updateEnvironment',
    'mutation($e: ID!) { updateEnvironment(input: { id: $e }) { userErrors { code } } }',
    () => ({ e: environmentId }),
  ],
  [
    'checkEnvironment',
    'mutation($e: ID!) { checkEnvironment(id: $e) { userErrors { code } } }',
    () => ({ e: environmentId }),
  ],
  [
    'deleteEnvironment',
    'mutation($e: ID!) { deleteEnvironment(id: $e, confirmation: "shop/test") { userErrors { code } } }',
    () => ({ e: environmentId }),
  ],
  [
    'recordDeployment',
    `mutation($e: ID!) { recordDeployment(environmentId: $e, gitCommit: "${'a'.repeat(40)}") { userErrors { code } } }`,
    () => ({ e: environmentId }),
  ],
];

const codeOf = async (api: Api, [field, document, variables]: (typeof deeds)[number]) =>
  (await api.ask<{ userErrors: Array<{ code: string }> }>(field, document, variables())).userErrors[0]?.code;

describe('a person who is no member', () => {
  test('finds that nothing of the project exists', async () => {
    const stranger = await as({});
    expect(await stranger.ask('project', '{ project(slug: "shop") { id } }')).toBeNull();
    for (const id of [projectId, environmentId, backupId]) {
      expect(await stranger.ask('node', 'query($id: ID!) { node(id: $id) { id } }', { id })).toBeNull();
    }
    expect(await stranger.ask<{ nodes: unknown[] }>('projects', '{ projects { nodes { id } } }')).toEqual({
      nodes: [],
    });
  });

  test.each(deeds)('is answered NOT_FOUND by %s', async (...deed) => {
    expect(await codeOf(await as({}), deed)).toBe('NOT_FOUND');
  });

  test('is answered NOT_FOUND by subscriptions, over graphql-ws and SSE', async () => {
    const { token } = await newPerson(source);
    const subscriptions: Array<[string, string]> = [
      ['subscription($id: ID!) { jobChanged(id: $id) { id } }', backupId],
      ['subscription($id: ID!) { projectChanged(projectId: $id) { kind } }', projectId],
    ];
    for (const [query, id] of subscriptions) {
      const socket = new Api(ready.graphql, token).socket();
      const first = await firstOf(socket.iterate({ query, variables: { id } }));
      await socket.dispose();
      expect(JSON.stringify(first)).toContain('NOT_FOUND');
      const stream = sse(token);
      expect(JSON.stringify(await firstOf(stream.iterate({ query, variables: { id } })))).toContain(
        'NOT_FOUND',
      );
      stream.dispose();
    }
  });
});

test('a viewer sees, and may do nothing', async () => {
  const viewer = await as({ roles: { [projectId]: 'VIEWER' } });
  const seen = await viewer.backup(backupId);
  expect(seen).toMatchObject({ id: backupId, can: [] });
  expect(seen.workflow.url).toBeNull();
  for (const deed of deeds) expect([deed[0], await codeOf(viewer, deed)]).toEqual([deed[0], 'FORBIDDEN']);
});

test('an operator makes and annotates backups and leaves environments alone', async () => {
  const operator = await as({ roles: { [projectId]: 'OPERATOR' } });
  expect((await operator.backup(backupId)).can).toEqual(['RESTORE', 'DOWNLOAD', 'EDIT_NOTE']);
  const forbidden = ['createEnvironment', 'updateEnvironment', 'checkEnvironment', 'deleteEnvironment'];
  for (const deed of deeds) {
    expect([deed[0], (await codeOf(operator, deed)) === 'FORBIDDEN']).toEqual([
      deed[0],
      forbidden.includes(deed[0]),
    ]);
  }
});

test('support staff see every project and where its jobs stand in Temporal, and may do nothing', async () => {
  const support = await as({ isSupport: true });
  expect((await support.backup(backupId)).workflow.url).toContain('http');
  expect(await support.ask('project', '{ project(slug: "shop") { viewerRole } }')).toEqual({
    viewerRole: null,
  });
  for (const deed of deeds) expect([deed[0], await codeOf(support, deed)]).toEqual([deed[0], 'FORBIDDEN']);
});

describe('nobody signed in', () => {
  test('is told to sign in, and who they are is null', async () => {
    const nobody = new Api(ready.graphql, null);
    expect(await nobody.ask('viewer', '{ viewer { id } }')).toBeNull();
    for (const query of [
      '{ project(slug: "shop") { id } }',
      '{ projects { nodes { id } } }',
      `{ node(id: "${backupId}") { id } }`,
    ]) {
      expect((await nobody.send(query)).errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    }
    for (const [, document, variables] of deeds) {
      expect((await nobody.send(document, variables())).errors?.[0]?.extensions?.code).toBe(
        'UNAUTHENTICATED',
      );
    }
  });

  test('gets no WebSocket', async () => {
    expect(await closeCode(new Api(ready.graphql, 'hf_wrong'))).toBe(4401);
    expect(await closeCode(new Api(ready.graphql, null))).toBe(4401);
  });
});

describe('a foreign page', () => {
  test('cannot open a WebSocket', async () => {
    const socket = new WebSocket(ready.graphql.replace('http', 'ws'), 'graphql-transport-ws', {
      origin: 'https://evil.example',
    });
    const outcome = await new Promise((resolve) => {
      socket.on('error', (error) => resolve(error.message));
      socket.on('open', () => resolve('open'));
    });
    expect(outcome).toMatch(/401|403/);
  });

  test('cannot use a browser’s cookie', async () => {
    const signIn = `${ready.web}/sign-in/${await linkForAdministrator()}`;
    const link = await fetch(signIn, { redirect: 'manual' });
    const cookie = link.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(link.headers.get('set-cookie')).toMatch(/HttpOnly/);
    expect(link.headers.get('set-cookie')).toMatch(/SameSite=Lax/);
    const nobody = new Api(ready.graphql, null);
    const whoAmI = async (headers: Record<string, string>) =>
      (await nobody.send('{ viewer { email } }', {}, { cookie, ...headers })).data?.viewer;
    expect(await whoAmI({})).not.toBeNull();
    expect(await whoAmI({ origin: ready.web })).not.toBeNull();
    expect(await whoAmI({ origin: 'https://evil.example' })).toBeNull();
    expect((await fetch(signIn, { redirect: 'manual' })).headers.get('location')).toBe(
      '/sign-in?problem=expired',
    );
    const out = await fetch(`${ready.web}/session`, { method: 'DELETE', headers: { cookie } });
    expect(out.status).toBe(204);
    expect(await whoAmI({})).toBeNull();
  });
});

test('a token that is revoked ends what it opened', async () => {
  const { token, tokenId } = await newPerson(source, { roles: { [projectId]: 'VIEWER' } });
  const person = new Api(ready.graphql, token);
  const socket = person.socket();
  const events = socket.iterate({
    query: 'subscription($id: ID!) { projectChanged(projectId: $id) { kind } }',
    variables: { id: projectId },
  });
  const kinds: unknown[] = [];
  const ended = (async () => {
    for await (const event of events) kinds.push(event);
  })().then(
    () => null,
    (closed: { code: number }) => closed.code,
  );
  const note = (text: string) =>
    admin.send('mutation($i: UpdateBackupInput!) { updateBackup(input: $i) { userErrors { code } } }', {
      i: { id: backupId, note: text },
    });
  await until('the subscription delivers', 20_000, async () => {
    await note(`again ${kinds.length}`);
    return kinds.length > 0;
  });
  await person.make(
    'revokeApiToken',
    'revokedId',
    'mutation($id: ID!) { revokeApiToken(id: $id) { revokedId userErrors { code field message } } }',
    { id: tokenId },
  );
  expect((await person.send('{ projects { nodes { id } } }')).errors?.[0]?.extensions?.code).toBe(
    'UNAUTHENTICATED',
  );
  expect(await ended).toBe(4401);
  await note('after the token has gone');
  await socket.dispose();
});

test('a sign-in link comes by mail, works once, and an unknown address is answered alike', async () => {
  const ask = (email: string) =>
    fetch(`${ready.web}/session/link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email }),
    });
  const { email } = await newPerson(source);
  expect((await ask('nobody@example.org')).status).toBe(204);
  expect((await ask(email)).status).toBe(204);
  const { readdir, readFile } = await import('node:fs/promises');
  const { data } = await sharedHoldfast();
  const token = await until('the mail has come', 20_000, async () => {
    for (const file of await readdir(`${data}/mail`)) {
      const text = (await readFile(`${data}/mail/${file}`, 'utf8'))
        .replace(/=\r?\n/g, '')
        .replace(/=3D/g, '=');
      const link = text.includes(email) && /sign-in#token=(\S+)/.exec(text)?.[1];
      if (link) return link;
    }
    return null;
  });
  const use = () =>
    fetch(`${ready.web}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
  expect((await use()).status).toBe(204);
  expect((await use()).status).toBe(410);
});

async function linkForAdministrator(): Promise<string> {
  const { id } = await source.getRepository(User).findOneByOrFail({ email: 'admin@localhost' });
  return createSignInLink(source, id, 'hfb_', 5);
}

function sse(token: string) {
  return createSseClient({
    url: `${ready.graphql}/stream`,
    headers: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
}

async function firstOf(results: AsyncIterable<unknown>): Promise<unknown> {
  try {
    for await (const result of results) return result;
    return 'nothing';
  } catch (error: unknown) {
    return error;
  }
}

async function closeCode(api: Api): Promise<number> {
  const socket = api.socket();
  return new Promise((resolve) => {
    socket.on('closed', (event) => resolve((event as { code: number }).code));
    socket.subscribe(
      { query: 'subscription { projectChanged(projectId: "x") { kind } }' },
      { next() {}, error() {}, complete() {} },
    );
  });
}
