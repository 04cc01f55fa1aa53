import { readdir, readFile } from 'node:fs/promises';
import { simpleParser } from 'mailparser';
import type { Browser, Page } from 'playwright-core';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiToken } from '#schema/entities';
import { Api } from '../../support/api.js';
import { openBrowser, openWindow, portray, seen, signInAs, type Watched } from '../../support/browser.js';
import type { Ready } from '../../support/holdfast.js';
import { newPerson, openCatalogue } from '../../support/people.js';
import { makeProject } from '../../support/projects.js';
import { sharedHoldfast } from '../../support/shared.js';
import { until } from '../../support/until.js';

let ready: Ready;
let data: string;
let source: DataSource;
let browser: Browser;
let page: Page;
let other: Page;
let email: string;
let slug: string;
const watched: Watched[] = [];

beforeAll(async () => {
  ({ ready, data } = await sharedHoldfast());
  source = await openCatalogue(data);
  browser = await openBrowser();
  const person = await newPerson(source);
  email = person.email;
  await source.getRepository(ApiToken).update(person.tokenId, { name: 'deploy pipeline' });
  const { userId } = await source.getRepository(ApiToken).findOneByOrFail({ id: person.tokenId });
  await source.getRepository(ApiToken).save({
    userId,
    name: 'nightly check',
    secretHash: 'f'.repeat(64),
    expiresAt: new Date(Date.now() - 3 * 86_400_000),
    lastUsedAt: new Date(Date.now() - 4 * 86_400_000),
  });
  const api = new Api(ready.graphql, person.token);
  const projectId = await makeProject(api, 'choir');
  ({ slug } = await api.ask<{ slug: string }>(
    'node',
    'query($id: ID!) { node(id: $id) { ... on Project { slug } } }',
    { id: projectId },
  ));
  page = await window();
  other = await window();
});
afterAll(async () => {
  await browser.close();
  await source.destroy();
});

async function window(): Promise<Page> {
  const opened = await openWindow(browser, ready.web);
  await signInAs(opened.context, source, email, ready.web);
  watched.push(opened.watched);
  return opened.page;
}

test('tokens are listed with their use and their end; a new one is shown once', async () => {
  await page.goto(`${ready.web}/account`);
  for (const text of ['deploy pipeline', 'nightly check', 'Last used', 'Does not expire'])
    await seen(page.getByText(text));
  await page.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').first().fill('import');
  expect(await portray(page, 'new-token')).toEqual([]);
  await dialog.getByRole('button', { name: /Create/ }).click();
  await seen(page.getByText(/hf_/));
  expect(await portray(page, 'new-token-secret')).toEqual([]);
  await page.keyboard.press('Escape');
  await seen(page.getByText('Never used'));
  expect(await portray(page, 'account')).toEqual([]);
});

test('a token is revoked', async () => {
  await page.getByRole('button', { name: 'Revoke import' }).click();
  expect(await portray(page, 'revoke-token')).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke token' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect(await page.getByText('Never used').count()).toBe(0);
});

test('the name is changed everywhere', async () => {
  await page.getByRole('button', { name: 'Change name' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change name' });
  await dialog.getByRole('textbox').fill('Clara Schumann');
  expect(await portray(page, 'change-name')).toEqual([]);
  await dialog.getByRole('button', { name: 'Save name' }).click();
  await seen(page.getByRole('banner').getByText('Clara Schumann'));
});

test('signing out everywhere ends other windows, which come back to where they were', async () => {
  const place = `${ready.web}/projects/${slug}/environments`;
  await other.goto(place);
  await seen(other.getByRole('heading', { name: 'No environments yet' }));
  await page.getByRole('button', { name: 'Sign out everywhere…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign out everywhere?' });
  expect(await portray(page, 'sign-out-everywhere')).toEqual([]);
  await dialog.getByRole('button', { name: 'Sign out everywhere' }).click();
  await seen(page.getByRole('heading', { name: 'Sign in' }));
  await seen(other.getByText('Your session has ended'));
  expect(await portray(other, 'session-ended')).toEqual([]);
  await other.getByLabel('E-mail address').fill(email);
  await other.getByRole('button', { name: 'Send sign-in link' }).click();
  await seen(other.getByText(/a sign-in link is on its way/));
  expect(await portray(other, 'sign-in-sent')).toEqual([]);
  // The mailed link knows nothing of where one was: the browser does.
  await other.goto(await until('the mail is there', 30_000, mailedLink));
  await other.getByRole('button', { name: 'Sign in' }).click();
  await seen(other.getByRole('heading', { name: 'No environments yet' }));
  expect(other.url()).toBe(place);
});

/** The link in the newest mail to the person. */
async function mailedLink(): Promise<string | null> {
  const files = (await readdir(`${data}/mail`)).filter((name) => name.endsWith('.eml')).sort();
  for (const file of files.toReversed()) {
    const { to, text } = await simpleParser(await readFile(`${data}/mail/${file}`));
    if ([to].flat().some((each) => each?.text.includes(email)))
      return /http\S+#token=\S+/.exec(text ?? '')?.[0] ?? null;
  }
  return null;
}

test('the browsers complained of nothing', () => {
  expect(watched.flatMap(({ complaints }) => complaints)).toEqual([]);
});
