import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api } from '../../support/api.js';
import {
  axe,
  openBrowser,
  openWindow,
  portray,
  rowOf,
  seen,
  snap,
  type Watched,
} from '../../support/browser.js';
import { Databases } from '../../support/databases.js';
import type { Ready } from '../../support/holdfast.js';
import { sharedHoldfast } from '../../support/shared.js';

let api: Api;
let ready: Ready;
let databases: Databases;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let watched: Watched;

beforeAll(async () => {
  const shared = await sharedHoldfast();
  ({ api, ready } = shared);
  databases = await Databases.of(shared.data);
  browser = await openBrowser();
  ({ context, page, watched } = await openWindow(browser, ready.web));
});
afterAll(() => browser.close());

/** Opens the dialog, chooses Live and everything, writes the note and creates the backup. */
async function backUpLive(where: Page, note: string): Promise<void> {
  await where.getByRole('button', { name: 'Backup…' }).click();
  const dialog = where.getByRole('dialog', { name: 'New backup' });
  await dialog.getByRole('radio', { name: /Live/ }).first().check();
  for (const content of ['Database', 'Media'])
    expect(await dialog.getByRole('checkbox', { name: content }).isChecked()).toBe(true);
  await dialog.getByRole('textbox').fill(note);
  await dialog.getByRole('button', { name: 'Create backup' }).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** Has the page itself note every value that its progress bars show; answers with how to read them. */
async function recordProgress(where: Page): Promise<() => Promise<string[]>> {
  await where.evaluate(() => {
    const values = new Set<string>();
    Object.assign(globalThis, { shownValues: values });
    const note = () => {
      for (const bar of document.querySelectorAll('[role=progressbar]'))
        values.add(bar.getAttribute('aria-valuenow') ?? '');
    };
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
    note();
  });
  return () => where.evaluate(() => [...(Reflect.get(globalThis, 'shownValues') as Set<string>)]);
}

test('without a session the app asks to sign in', async () => {
  await page.goto(`${ready.web}/projects/shop/backups`);
  await seen(page.getByRole('heading', { name: /sign in/i }));
  expect(await portray(page, 'sign-in')).toEqual([]);
});

test('an address that is none is not taken for one', async () => {
  await page.goto(`${ready.web}/sign-in`);
  for (const text of ['', 'not an address']) {
    await page.getByLabel('E-mail address').fill(text);
    await page.getByRole('button', { name: 'Send sign-in link' }).click();
    await seen(page.getByRole('alert'));
  }
  expect(await portray(page, 'sign-in-no-address')).toEqual([]);
});

test('a link of which there is none says so, and offers another', async () => {
  await page.goto(`${ready.web}/sign-in#token=hfl_none`);
  await page.reload();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await seen(page.getByText(/used already or is too old/));
  expect(await portray(page, 'sign-in-refused')).toEqual([]);
  // The browser itself writes into its console that the answer was a refusal.
  expect(watched.complaints.splice(0).join()).toMatch(/^Failed to load resource.*410[^,]*$/);
});

test('the banner’s link signs in, once', async () => {
  await page.goto(ready.signIn);
  await seen(page.getByRole('link', { name: /Shop/ }));
  expect(await portray(page, 'projects')).toEqual([]);
});

test('a backup is created, and its progress moves in two windows without a request of their own', async () => {
  await page.goto(`${ready.web}/projects/shop/backups`);
  const second = await context.newPage();
  await second.goto(`${ready.web}/projects/shop/backups`);
  for (const each of [page, second]) await seen(each.getByRole('button', { name: 'Backup…' }));
  await backUpLive(page, 'First journey');
  await seen(rowOf(second, 'First journey').getByRole('progressbar'));
  const before = watched.requests.length;
  const shown = await recordProgress(second);
  await seen(rowOf(second, 'First journey').getByText('Succeeded'), 120_000);
  expect((await shown()).length).toBeGreaterThan(3);
  expect(watched.requests.slice(before)).toEqual([]);
  await seen(rowOf(page, 'First journey').getByText('Succeeded'));
  await second.close();
});

test('the row says what it holds and has places for what can be done', async () => {
  const row = rowOf(page, 'First journey');
  for (const text of ['Live', 'On demand', 'Database and media', 'MiB']) await seen(row.getByText(text));
  expect(await row.getByRole('button', { name: /Restore/ }).count()).toBe(1);
  await row.getByRole('button', { name: /more|options|actions/i }).click();
  await seen(page.getByRole('menuitem', { name: /Prepare download/ }));
  expect(await portray(page, 'backups-menu')).toEqual([]);
  await page.keyboard.press('Escape');
  expect(await portray(page, 'backups', [2560])).toEqual([]);
});

test('a note is changed', async () => {
  const row = rowOf(page, 'First journey');
  await row.getByRole('button', { name: /more|options|actions/i }).click();
  await page.getByRole('menuitem', { name: /Edit note/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit note' });
  expect(await portray(page, 'edit-note')).toEqual([]);
  await dialog.getByRole('textbox').fill('First journey, before the launch');
  await dialog.getByRole('button', { name: 'Save note' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await seen(rowOf(page, 'before the launch'));
});

test('a reload in the middle finds the progress where it is', async () => {
  await backUpLive(page, 'Reloaded');
  await seen(rowOf(page, 'Reloaded').getByRole('progressbar'));
  await page.reload();
  await seen(rowOf(page, 'Reloaded').getByRole('progressbar'));
  expect(await axe(page)).toEqual([]);
  await seen(rowOf(page, 'Reloaded').getByText('Succeeded'), 120_000);
});

test('a running backup and its own page are drawn alike', async () => {
  await backUpLive(page, 'Looked at');
  const row = rowOf(page, 'Looked at');
  await seen(row.getByText(/MiB of/), 60_000);
  await snap(page, 'backups-running');
  await row.getByRole('link').first().click();
  await seen(page.getByRole('heading', { name: 'Git commit' }));
  expect(await page.getByRole('progressbar').count()).toBe(1);
  await snap(page, 'backup-running');
  await seen(page.getByRole('article').getByText('Succeeded'), 120_000);
});

test('the detail page shows the commit, the parts and their hashes', async () => {
  await page.goto(`${ready.web}/projects/shop/backups`);
  await rowOf(page, 'Reloaded').getByRole('link').first().click();
  await seen(page.getByRole('heading', { name: 'Git commit' }));
  const text = await page.getByRole('article').innerText();
  expect(text).toMatch(/Database/);
  expect(text).toMatch(/\d+ tables/);
  expect(text).toMatch(/8\d\d files/);
  expect(await page.getByRole('link', { name: /Temporal/ }).getAttribute('href')).toContain(ready.temporalUi);
  expect(await portray(page, 'backup')).toEqual([]);
  await api.ask(
    'recordDeployment',
    'mutation($e: ID!) { recordDeployment(environmentId: $e, gitCommit: "00112233445566778899aabbccddeeff00112233") { userErrors { code } } }',
    { e: await api.environmentId('shop', 'live') },
  );
  await seen(page.getByText('001122334455'));
  expect(await page.getByRole('article').innerText()).toMatch(/differ|other|another/i);
});

test('a running backup can be cancelled', async () => {
  await page.goto(`${ready.web}/projects/shop/backups`);
  await backUpLive(page, 'Not wanted');
  await rowOf(page, 'Not wanted')
    .getByRole('button', { name: /Cancel/ })
    .click();
  await seen(page.getByRole('dialog', { name: 'Cancel this backup?' }));
  await snap(page, 'cancel-backup');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel backup' }).click();
  await seen(rowOf(page, 'Not wanted').getByText('Cancelled'));
});

test('a filter without matches says so', async () => {
  await page.goto(`${ready.web}/projects/shop/backups?search=nowhere-to-be-found`);
  await seen(page.getByRole('heading', { name: 'No backup matches' }));
  expect(await portray(page, 'backups-nothing-matches')).toEqual([]);
});

test('a backup and a page of which there are none lead back', async () => {
  await page.goto(`${ready.web}/projects/shop/backups/none`);
  await seen(page.getByRole('heading', { name: 'There is no such backup' }));
  await page.getByRole('link', { name: 'All backups of this project' }).click();
  await seen(page.getByRole('button', { name: 'Backup…' }));
  await page.goto(`${ready.web}/nope`);
  await seen(page.getByRole('heading', { name: 'There is no such page' }));
  await seen(page.getByRole('navigation', { name: 'Main' }));
  expect(await page.getByText(/member of the project/).count()).toBe(0);
  expect(await portray(page, 'not-found')).toEqual([]);
});

test('a backup with warnings says so in its row', async () => {
  const environment = await api.environmentId('shop', 'test');
  const id = await api.createBackup(environment, ['MEDIA'], 'With something to know');
  await api.untilBackup(id, ['SUCCEEDED']);
  await databases.catalogue(
    `UPDATE backups SET warnings = '[{"code": "FILE_VANISHED", "message": "A file vanished."}]' WHERE id = $1`,
    [id],
  );
  await page.goto(`${ready.web}/projects/shop/backups`);
  await seen(rowOf(page, 'With something to know').getByText('with warnings'));
  expect(await portray(page, 'backups-warned')).toEqual([]);
});

test('the browser complained of nothing', () => {
  expect(watched.complaints).toEqual([]);
});
