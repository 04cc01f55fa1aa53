import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '#schema/domain';
import { Member } from '#schema/entities';
import {
  doSetMember,
  memberOf as memberOfProject,
  newAddress,
  setMember,
  someone as newSomeone,
  type Somebody,
} from '../access/members.js';
import type { UserError } from '../support/api.js';
import type { Ready } from '../support/holdfast.js';
import { openCatalogue } from '../support/people.js';
import { makeProject } from '../support/projects.js';
import { sharedHoldfast } from '../support/shared.js';

let ready: Ready;
let source: DataSource;
let projectId: string;
/** The project’s first administrator. */
let anna: Somebody;

beforeAll(async () => {
  const shared = await sharedHoldfast();
  ready = shared.ready;
  source = await openCatalogue(shared.data);
  anna = await someone();
  projectId = await makeProject(anna.api, 'people');
});
afterAll(() => source.destroy());

const someone = (roles: Record<string, Role> = {}) => newSomeone(source, ready, roles);
const set = (by: Somebody, email: string, role: Role | null, project = projectId) =>
  setMember(by, project, email, role);
const done = (by: Somebody, email: string, role: Role | null, project = projectId) =>
  doSetMember(by, project, email, role);
const memberOf = (by: Somebody, email: string, project = projectId) => memberOfProject(by, project, email);

test.each([
  'nobody',
  'bob@example.org\nBcc: eve@example.org',
  'bob@example.org\r\n\r\nHello',
  'bob@example.org\n',
  'Bob <bob@example.org>',
  '"Bob" <bob@example.org>',
  'bob@example.org, eve@example.org',
  'bøb@example.org',
  'bob@exämple.org',
  'bob\0@example.org',
  `${'b'.repeat(64)}@${'b.'.repeat(120)}example.org`,
  '',
])('%j is no address', async (email) => {
  const [refusal, ...more] = (await set(anna, email, 'VIEWER')).userErrors;
  expect(more).toEqual([]);
  expect(refusal).toMatchObject({ code: 'INVALID', field: ['email'] });
});

describe('who may not', () => {
  test('change members: a viewer and an operator, of the others and of themselves', async () => {
    for (const role of ['VIEWER', 'OPERATOR'] as const) {
      const person = await someone({ [projectId]: role });
      for (const [email, wanted] of [
        [newAddress(), 'VIEWER'],
        [anna.email, null],
        [person.email, 'ADMIN'],
        ['no address', 'VIEWER'],
      ] as const) {
        expect((await set(person, email, wanted)).userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);
      }
    }
  });

  test('see the project: all of them hear that there is none, whatever they ask', async () => {
    const stranger = await someone();
    const nothing = { code: 'NOT_FOUND', field: ['projectId'] };
    for (const project of [projectId, crypto.randomUUID(), 'x', 'a\0b', projectId.toUpperCase()]) {
      for (const [email, role] of [
        [anna.email, null],
        [stranger.email, null],
        [stranger.email, 'ADMIN'],
        ['no address', 'VIEWER'],
      ] as const) {
        const { project: seen, userErrors } = await set(stranger, email, role, project);
        expect({ seen, userErrors }).toMatchObject({ seen: null, userErrors: [nothing] });
      }
    }
  });
});

test('taking out somebody who is no member is NOT_FOUND, with an account or without', async () => {
  const known = await someone();
  for (const email of [known.email, newAddress()]) {
    expect((await set(anna, email, null)).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: ['email'] },
    ]);
  }
});

test('a role that was forgotten takes nobody out', async () => {
  const person = await someone({ [projectId]: 'VIEWER' });
  const { userErrors } = await anna.api.ask<{ userErrors: UserError[] }>(
    'setMember',
    'mutation($p: ID!, $e: String!) { setMember(projectId: $p, email: $e) { userErrors { code field } } }',
    { p: projectId, e: person.email },
  );
  expect(userErrors).toEqual([{ code: 'INVALID', field: ['role'] }]);
  expect(await memberOf(anna, person.email)).toMatchObject({ role: 'VIEWER' });
});

describe('leaving', () => {
  const can = async (by: Somebody, id: string) =>
    (
      await by.api.ask<{ can: string[] }>(
        'node',
        'query($id: ID!) { node(id: $id) { ... on Project { can } } }',
        {
          id,
        },
      )
    ).can;

  test('is open to everybody, and what was left is gone', async () => {
    const person = await someone({ [projectId]: 'VIEWER' });
    expect(await can(person, projectId)).toEqual(['LEAVE']);
    expect(await set(person, person.email, null)).toEqual({ project: null, userErrors: [] });
    expect(
      await person.api.ask('node', 'query($id: ID!) { node(id: $id) { id } }', { id: projectId }),
    ).toBeNull();
  });

  test('is not open to the last administrator who has ever come', async () => {
    const own = await makeProject(anna.api, 'own');
    const refused = [{ code: 'CONFLICT', field: ['role'] }];
    await done(anna, newAddress(), 'ADMIN', own);
    expect(await can(anna, own)).not.toContain('LEAVE');
    expect((await set(anna, anna.email, null, own)).userErrors).toMatchObject(refused);
    expect((await set(anna, anna.email, 'OPERATOR', own)).userErrors).toMatchObject(refused);
    await done(anna, anna.email, 'ADMIN', own);
    const second = await someone({ [own]: 'ADMIN' });
    expect(await can(anna, own)).toContain('LEAVE');
    await done(anna, anna.email, null, own);
    expect((await set(second, second.email, null, own)).userErrors).toMatchObject(refused);
  });

  test('two administrators who put each other down, or leave, at the same moment, leave one', async () => {
    for (let round = 0; round < 6; round += 1) {
      const [one, two] = [await someone(), await someone()];
      const own = await makeProject(one.api, 'pair');
      await done(one, two.email, 'ADMIN', own);
      const role = round % 3 === 0 ? null : 'VIEWER';
      const answers = await Promise.all(
        round % 2 === 0
          ? [set(one, two.email, role, own), set(two, one.email, role, own)]
          : [set(one, one.email, null, own), set(two, two.email, null, own)],
      );
      const refusals = answers.flatMap(({ userErrors }) => userErrors);
      expect(refusals).toHaveLength(1);
      expect(['CONFLICT', 'FORBIDDEN', 'NOT_FOUND']).toContain(refusals[0]?.code);
      const admins = await source.getRepository(Member).countBy({ projectId: own, role: 'ADMIN' });
      expect(admins).toBe(1);
    }
  });
});
