import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import type { Api } from '../../support/api.js';
import {
  gone,
  openBrowser,
  openWindow,
  portray,
  rowOf,
  seen,
  signInAs,
  type Watched,
} from '../../support/browser.js';
import { openCatalogue } from '../../support/people.js';
import { makeEnvironment, makeProject } from '../../support/projects.js';
import { Relay } from '../../support/relay.js';
import { sharedHoldfast } from '../../support/shared.js';

let api: Api;
let source: DataSource;
let relay: Relay;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let watched: Watched;
/** Holdfast’s address, which leads through a relay that can be cut. */
let web: string;

beforeAll(async () => {
  const { data, ready, api: admin } = await sharedHoldfast();
  api = admin;
  source = await openCatalogue(data);
  const port = Number(new URL(ready.web).port);
  relay = await Relay.to(port);
  web = `http://localhost:${port}`;
  browser = await openBrowser([`--host-resolver-rules=MAP localhost:${port} 127.0.0.1:${relay.port}`]);
  ({ context, page, watched } = await openWindow(browser, web));
  await signInAs(context, source, 'admin@localhost', web);
});
afterAll(async () => {
  await browser.close();
  await relay.stop();
  await source.destroy();
});

/** Forgets what the browser itself writes of a network that is away; everything else stays. */
function forgetOutage(): void {
  const others = watched.complaints.filter((each) => !/net::ERR_|WebSocket/.test(each));
  watched.complaints.splice(0, Number.POSITIVE_INFINITY, ...others);
}

async function backUp(note: string): Promise<void> {
  const id = await api.createBackup(await api.environmentId('shop', 'test'), ['DATABASE'], note);
  await api.untilBackup(id, ['SUCCEEDED']);
}

test('what is on its way has its place, and comes by itself', async () => {
  const slow = await makeProject(api, 'slow');
  await makeEnvironment(api, slow, 'main', { media: { directory: '/tmp/nowhere-of-outages' } });
  const tabs = page.getByRole('navigation', { name: 'Project' });
  await page.goto(`${web}/projects/shop/backups`);
  for (const tab of ['Environments', 'Activity', 'Members']) {
    await tabs.getByRole('link', { name: tab }).click();
    await seen(page.getByRole('heading', { name: tab }));
  }
  await page.getByRole('link', { name: 'All projects', exact: true }).click();
  await seen(page.getByRole('link', { name: 'slow' }));
  onTestFailed(() => relay.mend());
  relay.silence();
  await page.getByRole('link', { name: 'slow' }).click();
  await seen(page.locator('.skeleton'));
  expect(await portray(page, 'backups-loading')).toEqual([]);
  for (const tab of ['Environments', 'Activity', 'Members']) {
    await tabs.getByRole('link', { name: tab }).click();
    await seen(page.getByRole('heading', { name: tab }));
    expect(await portray(page, `${tab.toLowerCase()}-loading`)).toEqual([]);
  }
  relay.mend();
  await seen(page.getByRole('heading', { name: 'slow' }), 60_000);
  await seen(page.getByText('The only administrator'));
  forgetOutage();
});

test('while Holdfast is away, what is shown stays, and it is said', async () => {
  onTestFailed(() => relay.mend());
  await backUp('Before the cut');
  await page.goto(`${web}/projects/shop/backups`);
  await seen(rowOf(page, 'Before the cut').getByText('Succeeded'));
  await page.getByRole('button', { name: 'Backup…' }).click();
  await page.getByRole('dialog', { name: 'New backup' }).getByRole('textbox').fill('In vain');
  relay.cut();
  await page.getByRole('dialog').getByRole('button', { name: 'Create backup' }).click();
  await seen(page.getByRole('dialog').getByText(/Holdfast cannot be reached/));
  expect(await portray(page, 'new-backup-away')).toEqual([]);
  await page.keyboard.press('Escape');
  await seen(page.getByText('Holdfast cannot be reached.'));
  await seen(rowOf(page, 'Before the cut'));
  expect(await portray(page, 'backups-away')).toEqual([]);
});

test('once it is back, everything is caught up with by itself', async () => {
  await backUp('During the cut');
  expect(await rowOf(page, 'During the cut').count()).toBe(0);
  relay.mend();
  await seen(rowOf(page, 'During the cut'));
  await gone(page.getByText('Holdfast cannot be reached.'));
  await backUp('After the cut');
  await seen(rowOf(page, 'After the cut').getByText('Succeeded'));
  forgetOutage();
});

test('without a network the same, and a page that cannot come says so', async () => {
  onTestFailed(() => context.setOffline(false));
  const account = page.getByRole('link', { name: /your account/ });
  await context.setOffline(true);
  await seen(page.getByText('You are offline.'));
  expect(await portray(page, 'backups-offline')).toEqual([]);
  await account.click();
  await seen(page.getByText(/cannot be reached: this page opens once it answers/));
  await context.setOffline(false);
  await gone(page.getByText('You are offline.'));
  await account.click();
  await seen(page.getByRole('heading', { name: 'Your account' }));
  forgetOutage();
});

test('a fault says what happened, what to do, and its code', async () => {
  const id = await api.createBackup(await api.environmentId('shop', 'test'), ['DATABASE'], 'At fault');
  await api.untilBackup(id, ['SUCCEEDED']);
  await source.query('ALTER TABLE backup_parts RENAME TO backup_parts_away');
  try {
    await page.goto(`${web}/projects/shop/backups/${id}`);
    await seen(page.getByText('INTERNAL_SERVER_ERROR'));
    expect(await portray(page, 'backup-fault')).toEqual([]);
  } finally {
    await source.query('ALTER TABLE backup_parts_away RENAME TO backup_parts');
  }
  await page.getByRole('button', { name: 'Try again' }).click();
  await seen(page.getByRole('heading', { name: 'Git commit' }));
});

test('the browser complained of nothing else', () => {
  expect(watched.complaints).toEqual([]);
});
