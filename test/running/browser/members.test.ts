import type { Browser, Locator, Page } from 'playwright-core';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from '../../support/api.js';
import {
  gone,
  openBrowser,
  openWindow,
  portray,
  seen,
  signInAs,
  type Watched,
} from '../../support/browser.js';
import type { Ready } from '../../support/holdfast.js';
import { newPerson, openCatalogue } from '../../support/people.js';
import { makeEnvironment, makeProject } from '../../support/projects.js';
import { sharedHoldfast } from '../../support/shared.js';

interface Person {
  api: Api;
  email: string;
  page: Page;
  watched: Watched;
}

let ready: Ready;
let source: DataSource;
let browser: Browser;
let slug: string;
let projectId: string;
let firstAdmin: Person;
let oneOperator: Person;
let oneViewer: Person;

beforeAll(async () => {
  const shared = await sharedHoldfast();
  ready = shared.ready;
  source = await openCatalogue(shared.data);
  browser = await openBrowser();
  firstAdmin = await someone('First Admin');
  projectId = await makeProject(firstAdmin.api, 'library');
  slug = (await firstAdmin.api.ask<{ slug: string }>('node', slugQuery, { id: projectId })).slug;
  await makeEnvironment(firstAdmin.api, projectId, 'main', {
    media: { directory: '/tmp/nowhere-of-members' },
  });
  oneOperator = await someone('One Operator', 'OPERATOR');
  oneViewer = await someone('One Viewer', 'VIEWER');
});
afterAll(async () => {
  await browser.close();
  await source.destroy();
});

const slugQuery = 'query($id: ID!) { node(id: $id) { ... on Project { slug } } }';
const more = (where: Page, name: string): Locator => where.getByRole('button', { name: `More for ${name}` });
const memberRow = (where: Page, text: string): Locator =>
  where.getByRole('listitem').filter({ hasText: text });

/** A person with a window of their own, signed in; with a role, a member of the project. */
async function someone(name: string, role?: 'OPERATOR' | 'VIEWER'): Promise<Person> {
  const { token, email } = await newPerson(source, role ? { roles: { [projectId]: role } } : {});
  const api = new Api(ready.graphql, token);
  await api.ask('updateViewer', 'mutation($n: String!) { updateViewer(name: $n) { viewer { id } } }', {
    n: name,
  });
  const { context, page, watched } = await openWindow(browser, ready.web);
  await signInAs(context, source, email, ready.web);
  return { api, email, page, watched };
}

test('the members are listed with what each may do; the last administrator is told why they stay', async () => {
  await firstAdmin.page.goto(`${ready.web}/projects/${slug}/members`);
  for (const text of ['First Admin', 'One Operator', 'One Viewer', 'The only administrator'])
    await seen(firstAdmin.page.getByText(text));
  expect(await portray(firstAdmin.page, 'members')).toEqual([]);
  await more(firstAdmin.page, 'First Admin').click();
  const leave = firstAdmin.page.getByRole('menuitem', { name: /Leave project/ });
  await seen(leave);
  expect(await leave.getAttribute('aria-disabled')).toBe('true');
  expect(await leave.innerText()).toContain('A project needs an administrator');
  expect(await portray(firstAdmin.page, 'members-last-administrator')).toEqual([]);
  await firstAdmin.page.keyboard.press('Escape');
});

test('somebody is invited by e-mail, and can be mailed again', async () => {
  await firstAdmin.page.getByRole('button', { name: 'Invite member' }).click();
  const dialog = firstAdmin.page.getByRole('dialog', { name: 'Invite a member' });
  await dialog.getByRole('textbox').fill('no address');
  await dialog.getByRole('radio', { name: /Viewer/ }).check();
  await dialog.getByRole('button', { name: 'Invite' }).click();
  await seen(dialog.getByRole('alert'));
  expect(await portray(firstAdmin.page, 'invite-member')).toEqual([]);
  const email = `new.person.${process.pid}@example.org`;
  await dialog.getByRole('textbox').fill(email);
  await dialog.getByRole('button', { name: 'Invite' }).click();
  await dialog.waitFor({ state: 'hidden' });
  const row = memberRow(firstAdmin.page, email);
  await seen(row.getByText('Invited'));
  await seen(row.getByText(/Mailed/));
  await row.getByRole('button', { name: /More/ }).click();
  await firstAdmin.page.getByRole('menuitem', { name: 'Mail the invitation again' }).click();
  await seen(firstAdmin.page.getByText(`Invitation mailed again to ${email}`));
  expect(await portray(firstAdmin.page, 'members-invited')).toEqual([]);
});

test('a viewer is offered nothing that viewers may not do', async () => {
  await oneViewer.page.goto(`${ready.web}/projects/${slug}/environments`);
  await seen(oneViewer.page.getByRole('heading', { name: 'main' }));
  expect(await oneViewer.page.getByRole('main').getByRole('button').count()).toBe(0);
  expect(await portray(oneViewer.page, 'environments-as-viewer')).toEqual([]);
  await oneViewer.page.goto(`${ready.web}/projects/${slug}/members`);
  await seen(oneViewer.page.getByText('First Admin'));
  expect(await oneViewer.page.getByRole('button', { name: /Invite|More/ }).count()).toBe(0);
  expect(await oneViewer.page.getByText('The only administrator').count()).toBe(0);
  expect(await portray(oneViewer.page, 'members-as-viewer')).toEqual([]);
  await oneViewer.page.goto(`${ready.web}/activity`);
  await seen(oneViewer.page.getByRole('heading', { name: 'There is no such page' }));
  await oneViewer.page.goto(`${ready.web}/projects/${slug}/backups`);
  await seen(oneViewer.page.getByRole('heading', { name: 'No backups yet' }));
  expect(await oneViewer.page.getByRole('button', { name: /Backup…|first backup/ }).count()).toBe(0);
  expect(await portray(oneViewer.page, 'backups-as-viewer')).toEqual([]);
});

test('a new role is there at once, in windows that are open', async () => {
  await more(firstAdmin.page, 'One Viewer').click();
  await firstAdmin.page.getByRole('menuitem', { name: 'Change role…' }).click();
  const dialog = firstAdmin.page.getByRole('dialog', { name: 'Role of One Viewer' });
  await dialog.getByRole('radio', { name: /Operator/ }).check();
  expect(await portray(firstAdmin.page, 'change-role')).toEqual([]);
  await dialog.getByRole('button', { name: 'Change role' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await seen(oneViewer.page.getByText('Your role: Operator'));
  await seen(oneViewer.page.getByRole('button', { name: 'Backup…' }));
  await seen(memberRow(firstAdmin.page, 'One Viewer').getByText('Operator'));
});

test('who is taken out is told so where they are', async () => {
  await oneOperator.page.goto(`${ready.web}/projects/${slug}/environments`);
  await seen(oneOperator.page.getByRole('heading', { name: 'main' }));
  await more(firstAdmin.page, 'One Operator').click();
  await firstAdmin.page.getByRole('menuitem', { name: 'Take out…' }).click();
  const dialog = firstAdmin.page.getByRole('dialog', { name: 'Take One Operator out?' });
  expect(await portray(firstAdmin.page, 'remove-member')).toEqual([]);
  await dialog.getByRole('button', { name: 'Take out' }).click();
  await gone(memberRow(firstAdmin.page, 'One Operator'));
  await seen(oneOperator.page.getByRole('heading', { name: 'You can no longer see “library”' }));
  expect(await portray(oneOperator.page, 'lost-access')).toEqual([]);
  await oneOperator.page.reload();
  await seen(oneOperator.page.getByRole('heading', { name: 'There is no such project' }));
});

test('one leaves by oneself', async () => {
  await oneViewer.page.goto(`${ready.web}/projects/${slug}/members`);
  await oneViewer.page.getByRole('button', { name: 'Leave project' }).click();
  const dialog = oneViewer.page.getByRole('dialog', { name: 'Leave library?' });
  expect(await portray(oneViewer.page, 'leave-project')).toEqual([]);
  await dialog.getByRole('button', { name: 'Leave project' }).click();
  await seen(oneViewer.page.getByRole('heading', { name: 'No projects yet' }));
  await gone(memberRow(firstAdmin.page, 'One Viewer'));
});

test('the browsers complained of nothing', () => {
  expect([firstAdmin, oneOperator, oneViewer].flatMap(({ watched }) => watched.complaints)).toEqual([]);
});
