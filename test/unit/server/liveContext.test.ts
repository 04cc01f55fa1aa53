import { describe, expect, it, vi } from 'vitest';
import { catalogue } from '#schema/catalogue';
import { maySee, type Standing } from '#schema/domain';
import { User } from '#schema/entities';
import type { Context, Tools } from '../../../server/graph/context.js';
import { contextOf, contextOfAll } from '../../../server/live/liveContext.js';

const [here, elsewhere] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const operator: Standing = { role: 'OPERATOR', isSupport: false };
const support: Standing = { role: null, isSupport: true };
// Never connected: whoever asks it anything here has asked too much.
const tools = {
  catalogue: catalogue({
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    applicationName: 'test',
    poolSize: 1,
  }),
} as Tools;

/** Does this in a context of all who stand like this; answers whether it turned out to be one person’s own. */
async function isPersonal(standing: Standing, ask: (context: Context) => unknown): Promise<boolean> {
  const personal = vi.fn();
  try {
    await ask(contextOfAll(tools, here, standing, personal));
  } catch (error: unknown) {
    if (personal.mock.calls.length === 0) throw error;
  }
  return personal.mock.calls.length > 0;
}

describe('an answer for all who stand alike', () => {
  it.each<[string, (context: Context) => unknown]>([
    ['how they stand here', (context) => context.access.standing(here)],
    ['whether they are support staff', (context) => context.viewer?.user.isSupport],
    ['whether somebody is signed in', (context) => context.signedIn()],
  ])('may depend on %s', async (_what, ask) => {
    expect(await isPersonal(operator, ask)).toBe(false);
    expect(await isPersonal(support, ask)).toBe(false);
  });

  it.each<[string, (context: Context) => unknown]>([
    ['who it is', (context) => context.viewer?.user.id],
    ['an address', (context) => context.signedIn().user.email],
    ['the person itself', (context) => Promise.resolve(context.viewer?.user)],
    ['a copy of the person', (context) => ({ ...context.signedIn().user })],
    ['the person as text', (context) => JSON.stringify(context.access.viewer?.user)],
    ['whether a person has something', (context) => 'email' in context.signedIn().user],
    ['by what they signed in', (context) => context.viewer?.by.id],
    ['a copy of the viewer', (context) => ({ ...context.viewer })],
    ['how they stand elsewhere', (context) => context.access.standing(elsewhere)],
    ['what their projects are', (context) => context.access.projectIds()],
    ['whom they know', (context) => context.access.knows(elsewhere)],
  ])('is never shared where it asks for %s', async (_what, ask) => {
    expect(await isPersonal(operator, ask)).toBe(true);
  });

  it('holds for how they stood when they were asked', async () => {
    const { access, viewer } = contextOfAll(tools, here, operator, () => undefined);
    expect(await access.standing(here)).toEqual(operator);
    expect(viewer?.user.isSupport).toBe(false);
    expect(maySee(await access.standing(here))).toBe(true);
  });
});

it('an answer for one person is theirs, with the rights that were asked', async () => {
  const user = Object.assign(new User(), { id: elsewhere, email: 'a@example.org', isSupport: false });
  const by = { kind: 'token', id: here } as const;
  const { access, viewer } = contextOf(tools, { user, by }, here, support);
  expect(viewer?.user).toMatchObject({ id: elsewhere, email: 'a@example.org', isSupport: true });
  expect(viewer?.by).toEqual(by);
  expect(await access.standing(here)).toEqual(support);
});
