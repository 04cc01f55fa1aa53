import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../support/api.js';
import { axe, openBrowser, portray, watch } from '../support/browser.js';
import type { Ready } from '../support/holdfast.js';
import { sharedHoldfast } from '../support/shared.js';
import { asSuperuser } from '../support/superuser.js';

let api: Api;
let ready: Ready;
let data: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let watched: ReturnType<typeof watch>;

beforeAll(async () => {
  ({ api, ready, data } = await sharedHoldfast());
  browser = await openBrowser();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  watched = watch(context, ready.web);
  page = await context.newPage();
});
afterAll(() => browser.close());

const rowOf = (where: Page, note: string): Locator => where.getByRole('row').filter({ hasText: note });
const seen = (locator: Locator, timeout = 30_000) => locator.first().waitFor({ state: 'visible', timeout });

/** Opens the dialog, chooses Live and everything, writes the note and creates the backup. */
async function backUpLive(where: Page, note: string): Promise<void> {
  await where.getByRole('button', { name: 'Backup…' }).click();
  const dialog = where.getByRole('dialog', { name: 'New backup' });
  await dialog.getByRole('radio', { name: /Live/ }).check();
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

describe('the first journey', () => {
  test('without a session the app asks to sign in', async () => {
    await page.goto(`${ready.web}/projects/shop/backups`);
    await seen(page.getByRole('heading', { name: /sign in/i }));
    expect(await portray(page, 'sign-in')).toEqual([]);
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
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await portray(page, 'backups')).toEqual([]);
  });

  test('a reload in the middle finds the progress where it is', async () => {
    await backUpLive(page, 'Reloaded');
    await seen(rowOf(page, 'Reloaded').getByRole('progressbar'));
    await page.reload();
    await seen(rowOf(page, 'Reloaded').getByRole('progressbar'));
    expect(await axe(page)).toEqual([]);
    await seen(rowOf(page, 'Reloaded').getByText('Succeeded'), 120_000);
  });

  test('the detail page shows the commit, the parts and their hashes', async () => {
    await rowOf(page, 'Reloaded').getByRole('link').first().click();
    await seen(page.getByRole('heading', { name: 'Git commit' }));
    const text = await page.getByRole('article').innerText();
    expect(text).toMatch(/Database/);
    expect(text).toMatch(/\d+ tables/);
    expect(text).toMatch(/8\d\d files/);
    expect(await page.getByRole('link', { name: /Temporal/ }).getAttribute('href')).toContain(
      ready.temporalUi,
    );
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
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel backup' }).click();
    await seen(rowOf(page, 'Not wanted').getByText('Cancelled'));
  });
});

describe('a project of one’s own, in the browser', () => {
  let media: string;
  beforeAll(async () => {
    media = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
    await writeFile(path.join(media, 'a.txt'), 'a');
  });
  afterAll(() => rm(media, { recursive: true, force: true }));

  test('goes from nothing to a backup', async () => {
    const databaseUrl = await asSuperuser(data, async (client, { port }) => {
      await client.query(`CREATE ROLE blog LOGIN PASSWORD 'blog'`);
      await client.query('CREATE DATABASE blog OWNER blog');
      return `postgres://blog:blog@127.0.0.1:${port}/blog`;
    });
    await page.goto(ready.web);
    await page.getByRole('button', { name: 'New project' }).click();
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('My blog');
    expect(await portray(page, 'new-project')).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Create project' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.goto(`${ready.web}/projects/my-blog/environments`);
    expect(await portray(page, 'environments-empty')).toEqual([]);
    await page.getByRole('button', { name: 'Add environment' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Production');
    await dialog.getByRole('radio', { name: /Live/ }).check();
    await dialog.getByLabel(/Database address/).fill(databaseUrl.replace('blog:blog', 'blog:wrong'));
    await dialog.getByLabel(/Media folder/).fill(`${media}/gone`);
    await dialog.getByRole('button', { name: 'Save and test connection' }).click();
    await seen(dialog.getByText(/password/i).filter({ hasNotText: 'postgres://' }));
    expect(await portray(page, 'environment-at-fault')).toEqual([]);
    await dialog.getByLabel(/Database address/).fill(databaseUrl);
    await dialog.getByLabel(/Media folder/).fill(media);
    await dialog.getByRole('button', { name: 'Save and test connection' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await portray(page, 'environments')).toEqual([]);
    await page.goto(`${ready.web}/projects/my-blog/backups`);
    await seen(page.getByRole('button', { name: 'Backup…' }));
    expect(await portray(page, 'backups-empty')).toEqual([]);
    await page.getByRole('button', { name: 'Backup…' }).first().click();
    expect(await portray(page, 'new-backup')).toEqual([]);
    await page.getByRole('dialog').getByRole('textbox').fill('The first of many');
    await page.getByRole('dialog').getByRole('button', { name: 'Create backup' }).click();
    await seen(rowOf(page, 'The first of many').getByText('Succeeded'), 60_000);
  });

  test('a failure stands in the row in words, and a retry after mending succeeds live', async () => {
    await rm(media, { recursive: true });
    await page.getByRole('button', { name: 'Backup…' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: 'Database' }).uncheck();
    await dialog.getByRole('textbox').fill('Without a folder');
    await dialog.getByRole('button', { name: 'Create backup' }).click();
    const row = rowOf(page, 'Without a folder');
    await seen(row.getByText('Failed'), 60_000);
    expect(await row.innerText()).toContain('MEDIA_NOT_FOUND');
    expect(await portray(page, 'backups-failed')).toEqual([]);
    const { mkdir } = await import('node:fs/promises');
    await mkdir(media);
    await row.getByRole('button', { name: /Retry/ }).click();
    await seen(row.getByText('Succeeded'), 60_000);
  });

  test('the account page makes a token that is shown once', async () => {
    await page.goto(`${ready.web}/account`);
    await page
      .getByRole('button', { name: /New token|Create token/ })
      .first()
      .click();
    await page.getByRole('dialog').getByRole('textbox').first().fill('deploys');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Create/ })
      .click();
    await seen(page.getByText(/hf_/));
    await page.keyboard.press('Escape');
    expect(await portray(page, 'account')).toEqual([]);
  });

  test('an address that leads nowhere says so', async () => {
    await page.goto(`${ready.web}/projects/nothing-here/backups`);
    await seen(page.getByText(/no such project|not exist|not found|no such/i));
    expect(await portray(page, 'not-found')).toEqual([]);
  });
});

test('the browser complained of nothing', () => {
  expect(watched.complaints).toEqual([]);
});
