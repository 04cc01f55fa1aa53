import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DataSource } from 'typeorm';
import { hashSecret } from '#schema/catalogue';
import { ApiToken, Backup } from '#schema/entities';
import { sweepExpired } from '../../server/identity/sweepExpired.js';
import { createSignInLink } from '../../server/identity/signInLinks.js';
import { doSetMember, membersOf, newAddress, someone, type Somebody } from '../access/members.js';
import { Api } from '../support/api.js';
import type { Ready } from '../support/holdfast.js';
import { openCatalogue } from '../support/people.js';
import { makeEnvironment, makeProject } from '../support/projects.js';
import { sharedHoldfast } from '../support/shared.js';

const dayMs = 86_400_000;
let ready: Ready;
let data: string;
let source: DataSource;

beforeAll(async () => {
  ({ ready, data } = await sharedHoldfast());
  source = await openCatalogue(data);
});
afterAll(() => source.destroy());

/** Uses a mailed link up, as its page does; answers with the status and the session’s cookie. */
async function openLink(secret: string): Promise<{ status: number; cookie: string }> {
  const response = await fetch(`${ready.web}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: secret }),
  });
  return { status: response.status, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

const linkOf = ({ id }: Somebody) => createSignInLink(source, id, 'hfl_', 5);

describe('signing out everywhere', () => {
  const signOut =
    'mutation($t: Boolean!) { signOutEverywhere(tokens: $t) { endedSessions revokedTokens userErrors { code } } }';
  const whoIs = async (cookie: string) =>
    (await new Api(ready.graphql, null).send('{ viewer { id } }', {}, { cookie })).data?.viewer;

  test('ends every browser and every unused link, and leaves tokens unless asked', async () => {
    const person = await someone(source, ready);
    const cookies = [
      (await openLink(await linkOf(person))).cookie,
      (await openLink(await linkOf(person))).cookie,
    ];
    const unused = await linkOf(person);
    for (const cookie of cookies) expect(await whoIs(cookie)).toEqual({ id: person.id });

    const here = new Api(ready.graphql, null);
    const ended = await here.send(signOut, { t: false }, { cookie: cookies[0] ?? '' });
    expect(ended.data?.signOutEverywhere).toEqual({ endedSessions: 2, revokedTokens: 0, userErrors: [] });
    for (const cookie of cookies) expect(await whoIs(cookie)).toBeNull();
    expect((await openLink(unused)).status).toBe(410);

    expect(await person.api.ask('signOutEverywhere', signOut, { t: true })).toEqual({
      endedSessions: 0,
      revokedTokens: 1,
      userErrors: [],
    });
    const { errors } = await person.api.send('{ projects { nodes { id } } }');
    expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });

  test('is one’s own affair: nobody else’s browser and link ends', async () => {
    const [one, two] = [await someone(source, ready), await someone(source, ready)];
    const { cookie } = await openLink(await linkOf(two));
    await one.api.ask('signOutEverywhere', signOut, { t: true });
    expect(await whoIs(cookie)).toEqual({ id: two.id });
    expect(await two.api.ask('viewer', '{ viewer { id } }')).toEqual({ id: two.id });
  });
});

test('one says how one is called, and others see it; a name that is none is refused', async () => {
  const person = await someone(source, ready);
  const rename = async (name: string) =>
    person.api.ask<{ viewer: { name: string } | null; userErrors: object[] }>(
      'updateViewer',
      'mutation($n: String!) { updateViewer(name: $n) { viewer { name } userErrors { code field } } }',
      { n: name },
    );
  expect(await rename(' Zoë ')).toEqual({ viewer: { name: 'Zoë' }, userErrors: [] });
  for (const name of ['', '   ', 'a\u202eb', 'x'.repeat(101), 'a\nb'])
    expect(await rename(name)).toEqual({ viewer: null, userErrors: [{ code: 'INVALID', field: ['name'] }] });
  const projectId = await makeProject(person.api, 'named');
  expect((await membersOf(person, projectId)).map(({ user }) => user.name)).toEqual(['Zoë']);
});

describe('a person', () => {
  const look = (by: Somebody, id: string) =>
    by.api.ask('node', 'query($id: ID!) { node(id: $id) { ... on User { name email apiTokens { id } } } }', {
      id,
    });

  test('is seen by those who share a project, without their tokens, and by nobody else', async () => {
    const [one, two, stranger] = [
      await someone(source, ready),
      await someone(source, ready),
      await someone(source, ready),
    ];
    const projectId = await makeProject(one.api, 'shared');
    expect(await look(one, two.id)).toBeNull();
    await doSetMember(one, projectId, two.email, 'VIEWER');
    for (const [by, of] of [
      [one, two],
      [two, one],
    ] as const)
      expect(await look(by, of.id)).toEqual({ name: 'Tester', email: of.email, apiTokens: [] });
    expect(await look(one, two.id.toUpperCase())).not.toBeNull();
    expect(await look(stranger, one.id)).toBeNull();
    await doSetMember(one, projectId, two.email, null);
    expect(await look(one, two.id)).toBeNull();
    expect(await look(two, one.id)).toBeNull();
  });

  test('who has left is still named where they asked for something, without their address', async () => {
    const [owner, operator] = [await someone(source, ready), await someone(source, ready)];
    const projectId = await makeProject(owner.api, 'left');
    const environmentId = await makeEnvironment(owner.api, projectId, 'test', {});
    const { id } = await source.getRepository(Backup).save({
      projectId,
      environmentId,
      kind: 'ON_DEMAND',
      contents: ['MEDIA'],
      note: '',
      status: 'CANCELED',
      requestedById: operator.id,
      warnings: [],
    });
    const requestedBy = async () =>
      (
        await owner.api.ask<{ requestedBy: object }>(
          'node',
          'query($id: ID!) { node(id: $id) { ... on Backup { requestedBy { name email } } } }',
          { id },
        )
      ).requestedBy;
    expect(await requestedBy()).toEqual({ name: 'Tester', email: '' });
    await doSetMember(owner, projectId, operator.email, 'OPERATOR');
    expect(await requestedBy()).toEqual({ name: 'Tester', email: operator.email });
  });
});

test('an expired token turns a program away and stays listed for 30 days', async () => {
  const person = await someone(source, ready);
  const expired = (daysAgo: number) =>
    source.getRepository(ApiToken).save({
      userId: person.id,
      name: `expired ${daysAgo} days ago`,
      secretHash: hashSecret(`hf_${newAddress()}`),
      expiresAt: new Date(Date.now() - daysAgo * dayMs),
      lastUsedAt: null,
    });
  for (const daysAgo of [1, 29, 31]) await expired(daysAgo);
  await sweepExpired(source);
  const { apiTokens } = await person.api.ask<{ apiTokens: Array<{ name: string }> }>(
    'viewer',
    '{ viewer { apiTokens { name } } }',
  );
  expect(apiTokens.map(({ name }) => name).sort()).toEqual([
    'expired 1 days ago',
    'expired 29 days ago',
    'test',
  ]);
  const secret = `hf_${newAddress()}`;
  await source.getRepository(ApiToken).save({
    userId: person.id,
    name: 'x',
    secretHash: hashSecret(secret),
    expiresAt: new Date(0),
    lastUsedAt: null,
  });
  expect(await new Api(ready.graphql, secret).ask('viewer', '{ viewer { id } }')).toBeNull();
});

test('whatever is given for an address, asking for a link is answered alike', async () => {
  for (const email of ['nobody@example.org', 'a\0b@example.org', 'no address', '']) {
    const { status } = await fetch(`${ready.web}/session/link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email }),
    });
    expect(status).toBe(204);
  }
});
