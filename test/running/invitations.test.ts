import { rename } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '#schema/domain';
import { User } from '#schema/entities';
import {
  doSetMember,
  mailsTo as mailsIn,
  memberOf as memberOfProject,
  membersOf,
  newAddress,
  setMember,
  someone as newSomeone,
  type Somebody,
} from '../access/members.js';
import { Api } from '../support/api.js';
import type { Ready } from '../support/holdfast.js';
import { openCatalogue } from '../support/people.js';
import { makeProject } from '../support/projects.js';
import { sharedHoldfast } from '../support/shared.js';
import { until } from '../support/until.js';

let ready: Ready;
let data: string;
let source: DataSource;
let projectId: string;
/** The project’s first administrator. */
let anna: Somebody;

beforeAll(async () => {
  ({ ready, data } = await sharedHoldfast());
  source = await openCatalogue(data);
  anna = await someone();
  projectId = await makeProject(anna.api, 'invitations');
});
afterAll(() => source.destroy());

const someone = (roles: Record<string, Role> = {}) => newSomeone(source, ready, roles);
const set = (by: Somebody, email: string, role: Role | null, project = projectId) =>
  setMember(by, project, email, role);
const done = (by: Somebody, email: string, role: Role | null, project = projectId) =>
  doSetMember(by, project, email, role);
const members = (by: Somebody, project = projectId) => membersOf(by, project);
const memberOf = (by: Somebody, email: string, project = projectId) => memberOfProject(by, project, email);
const mailsTo = (address: string) => mailsIn(data, address);

describe('somebody without an account', () => {
  const email = `jo.doe.${process.pid}@example.org`;

  test('is invited by mail, under their address, as what the administrator said', async () => {
    await done(anna, email.toUpperCase(), 'OPERATOR');
    const member = await memberOf(anna, email);
    expect(member).toMatchObject({ role: 'OPERATOR', user: { name: `Jo Doe ${process.pid}` } });
    expect(member?.invitation?.invitedAt).toBeTruthy();
    expect(member?.invitation?.mailedAt).toBeTruthy();
  });

  test('reads who invites to what, and where; the mail holds no secret', async () => {
    const [mail, ...more] = await mailsTo(email);
    expect(more).toEqual([]);
    expect(mail?.subject).toContain('Invitation to “invitations”');
    for (const text of [mail?.text, mail?.html]) {
      expect(text).toContain(`Tester (${anna.email})`);
      expect(text).toContain('operator');
      expect(text).toMatch(new RegExp(`${ready.web}/projects/invitations-[0-9-]+`));
      expect(text).not.toMatch(/token|hf[lbs]?_/);
    }
  });

  test('signs in by a mailed link, belongs to the project, and is invited no more', async () => {
    const post = (path: string, body: object) =>
      fetch(`${ready.web}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post('/session/link', { email })).status).toBe(204);
    const token = await until('the link has come', 20_000, async () => {
      const mails = await mailsTo(email);
      return mails.map(({ text }) => /sign-in#token=(\S+)/.exec(text ?? '')?.[1]).find(Boolean);
    });
    const signedIn = await post('/session', { token });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(await memberOf(anna, email)).toMatchObject({ invitation: null });
    const nobody = new Api(ready.graphql, null);
    const { data: seen } = await nobody.send('{ projects { nodes { id viewerRole } } }', {}, { cookie });
    expect(seen?.projects).toEqual({ nodes: [{ id: projectId, viewerRole: 'OPERATOR' }] });
    const named = await nobody.send(
      'mutation { updateViewer(name: " Jo ") { viewer { name } userErrors { code } } }',
      {},
      { cookie },
    );
    expect(named.data?.updateViewer).toEqual({ viewer: { name: 'Jo' }, userErrors: [] });
  });

  test('is changed and set again without a mail once they have come', async () => {
    const before = (await mailsTo(email)).length;
    for (const role of ['VIEWER', 'VIEWER', 'OPERATOR'] as const) await done(anna, email, role);
    expect((await members(anna)).filter(({ user }) => user.email === email)).toMatchObject([
      { role: 'OPERATOR' },
    ]);
    expect(await mailsTo(email)).toHaveLength(before);
  });
});

test('an invitation is mailed again by setting it again, not without end', async () => {
  const email = newAddress();
  for (const role of ['VIEWER', 'VIEWER', 'VIEWER'] as const) await done(anna, email, role);
  expect((await set(anna, email, 'VIEWER')).userErrors).toMatchObject([
    { code: 'LIMIT_REACHED', field: ['email'] },
  ]);
  // A change is not held up by that.
  await done(anna, email, 'OPERATOR');
  expect(await memberOf(anna, email)).toMatchObject({ role: 'OPERATOR' });
  expect(await mailsTo(email)).toHaveLength(3);
});

test('an invitation that is taken back and made again is mailed no more often', async () => {
  const email = newAddress();
  for (let time = 0; time < 3; time += 1) {
    await done(anna, email, 'VIEWER');
    await done(anna, email, null);
  }
  expect((await set(anna, email, 'VIEWER')).userErrors).toMatchObject([
    { code: 'LIMIT_REACHED', field: ['email'] },
  ]);
  expect(await memberOf(anna, email)).toBeUndefined();
  expect(await mailsTo(email)).toHaveLength(3);
});

test('invited twice at the same moment, somebody is one member with one account', async () => {
  const email = newAddress();
  const other = await someone();
  const theirs = await makeProject(other.api, 'theirs');
  const answers = await Promise.all([
    set(anna, email, 'VIEWER'),
    set(anna, email, 'VIEWER'),
    set(other, email, 'ADMIN', theirs),
  ]);
  expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
  expect((await members(anna)).filter(({ user }) => user.email === email)).toHaveLength(1);
  expect(await source.getRepository(User).countBy({ email })).toBe(1);
});

test('somebody with an account is told that they belong to it, and the answer is the same', async () => {
  const known = await someone();
  const unknown = newAddress();
  const answers = [await set(anna, known.email, 'VIEWER'), await set(anna, unknown, 'VIEWER')];
  expect(answers[0]).toEqual(answers[1]);
  const [mail, ...more] = await mailsTo(known.email);
  expect(more).toEqual([]);
  expect(mail?.subject).toContain('You now belong to “invitations”');
  expect(await memberOf(anna, known.email)).toMatchObject({ role: 'VIEWER', invitation: null });
  // What is private to administrators is not shown to the others.
  expect((await members(known)).map(({ invitation }) => invitation)).not.toContainEqual(expect.anything());
});

test('a mail server that takes nothing changes nothing of the membership, and one can send again', async () => {
  const email = newAddress();
  await rename(`${data}/mail`, `${data}/mail-away`);
  try {
    await done(anna, email, 'VIEWER');
    expect(await memberOf(anna, email)).toMatchObject({ invitation: { mailedAt: null } });
  } finally {
    await rename(`${data}/mail-away`, `${data}/mail`);
  }
  await done(anna, email, 'VIEWER');
  expect((await memberOf(anna, email))?.invitation?.mailedAt).toBeTruthy();
  expect(await mailsTo(email)).toHaveLength(1);
});

test('an invitation that is taken back leaves no account, unless it is used elsewhere', async () => {
  const [once, twice] = [newAddress(), newAddress()];
  const other = await someone();
  const theirs = await makeProject(other.api, 'theirs');
  await done(other, twice, 'VIEWER', theirs);
  for (const email of [once, twice]) {
    await done(anna, email, 'VIEWER');
    await done(anna, email, null);
    expect(await memberOf(anna, email)).toBeUndefined();
  }
  expect(await source.getRepository(User).findBy([{ email: once }, { email: twice }])).toMatchObject([
    { email: twice },
  ]);
  expect(await memberOf(other, twice, theirs)).toMatchObject({ role: 'VIEWER' });
});

test('one person invites only so many within an hour, and is told so', async () => {
  const inviter = await someone();
  const own = await makeProject(inviter.api, 'many');
  const refused = await until('the limit is reached', 60_000, async () => {
    const { userErrors } = await set(inviter, newAddress(), 'VIEWER', own);
    return userErrors[0];
  });
  expect(refused).toMatchObject({ code: 'LIMIT_REACHED', field: ['email'] });
  expect(await members(inviter, own)).toHaveLength(31);
  // Others are not held up.
  await done(anna, newAddress(), 'VIEWER');
});
