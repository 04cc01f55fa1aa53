import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
import type { Ready } from '../../support/holdfast.js';
import { newPerson, openCatalogue } from '../../support/people.js';
import { sharedHoldfast } from '../../support/shared.js';
import { asSuperuser } from '../../support/superuser.js';

let ready: Ready;
let data: string;
let source: DataSource;
let browser: Browser;
let page: Page;
let watched: Watched;
let media: string;

beforeAll(async () => {
  ({ ready, data } = await sharedHoldfast());
  source = await openCatalogue(data);
  browser = await openBrowser();
  const window = await openWindow(browser, ready.web);
  ({ page, watched } = window);
  const { email } = await newPerson(source);
  await signInAs(window.context, source, email, ready.web);
  media = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  await writeFile(path.join(media, 'a.txt'), 'a');
});
afterAll(async () => {
  await browser.close();
  await source.destroy();
  await rm(media, { recursive: true, force: true });
});

test('who has no project is told how to begin', async () => {
  await page.goto(ready.web);
  await seen(page.getByRole('heading', { name: 'No projects yet' }));
  expect(await portray(page, 'projects-empty')).toEqual([]);
});

test('a project goes from nothing to a backup', async () => {
  const databaseUrl = await asSuperuser(data, async (client, { port }) => {
    await client.query(`CREATE ROLE blog LOGIN PASSWORD 'blog'`);
    await client.query('CREATE DATABASE blog OWNER blog');
    return `postgres://blog:blog@127.0.0.1:${port}/blog`;
  });
  await page.getByRole('button', { name: 'New project' }).first().click();
  await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('My blog');
  expect(await portray(page, 'new-project')).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.goto(`${ready.web}/projects/my-blog/backups`);
  await seen(page.getByRole('heading', { name: 'Nothing to back up yet' }));
  expect(await portray(page, 'backups-no-environment')).toEqual([]);
  await page.goto(`${ready.web}/projects/my-blog/environments`);
  await seen(page.getByRole('heading', { name: 'No environments yet' }));
  expect(await portray(page, 'environments-empty')).toEqual([]);
  await page.getByRole('button', { name: 'Add environment' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Production');
  await dialog.getByRole('radio', { name: /Live/ }).check();
  expect(await portray(page, 'add-environment')).toEqual([]);
  await dialog.getByRole('radio', { name: 'In an S3 bucket' }).check();
  await dialog.getByLabel('Bucket', { exact: true }).fill('Not a bucket');
  await dialog.getByRole('button', { name: 'Save and test connection' }).click();
  await seen(dialog.getByRole('alert'));
  expect(await dialog.getByLabel('Bucket', { exact: true }).getAttribute('aria-invalid')).toBe('true');
  expect(await portray(page, 'environment-in-bucket')).toEqual([]);
  await dialog.getByRole('radio', { name: 'In a folder' }).check();
  await dialog.getByLabel(/Database address/).fill(databaseUrl.replace('blog:blog', 'blog:wrong'));
  await dialog.getByLabel(/Media folder/).fill(`${media}/gone`);
  await dialog.getByRole('button', { name: 'Save and test connection' }).click();
  await seen(dialog.getByText(/password/i).filter({ hasNotText: 'postgres://' }));
  expect(await portray(page, 'environment-at-fault')).toEqual([]);
  await dialog.getByLabel(/Database address/).fill(databaseUrl);
  await dialog.getByLabel(/Media folder/).fill(media);
  await dialog.getByRole('button', { name: 'Save and test connection' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.goto(`${ready.web}/projects/my-blog/backups`);
  await seen(page.getByRole('heading', { name: 'No backups yet' }));
  expect(await portray(page, 'backups-empty')).toEqual([]);
  await page.getByRole('button', { name: 'Backup…' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('The first of many');
  await page.getByRole('dialog').getByRole('button', { name: 'Create backup' }).click();
  await seen(rowOf(page, 'The first of many').getByText('Succeeded'), 60_000);
});

test('a failure stands in the row in words, and a retry after mending succeeds live', async () => {
  await rm(media, { recursive: true });
  await page.getByRole('button', { name: 'Backup…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: 'Database' }).uncheck();
  await dialog.getByRole('textbox').fill('Without a folder');
  await dialog.getByRole('button', { name: 'Create backup' }).click();
  const row = rowOf(page, 'Without a folder');
  await seen(row.getByText('Failed'), 60_000);
  expect(await row.innerText()).toContain('MEDIA_NOT_FOUND');
  expect(await portray(page, 'backups-failed')).toEqual([]);
  await mkdir(media);
  await row.getByRole('button', { name: /Retry/ }).click();
  await seen(row.getByText('Succeeded'), 60_000);
});

test('environments of one name are told apart where one is chosen', async () => {
  await page.goto(`${ready.web}/projects/my-blog/environments`);
  await page.getByRole('button', { name: 'Add environment' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Production');
  await dialog.getByLabel('Short name').fill('production-copy');
  await dialog.getByRole('radio', { name: /Test/ }).check();
  await dialog.getByLabel(/Media folder/).fill(media);
  await dialog.getByRole('button', { name: 'Save and test connection' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Test connection' }).first().click();
  await seen(page.getByText('Everything can be reached and read.'));
  expect(await portray(page, 'environments')).toEqual([]);
  await page.goto(`${ready.web}/projects/my-blog/backups`);
  await page.getByRole('button', { name: 'Backup…' }).click();
  const choices = page.getByRole('dialog').getByRole('radio');
  expect(await choices.count()).toBe(2);
  await seen(page.getByRole('dialog').getByText('production-copy'));
  expect(await portray(page, 'new-backup')).toEqual([]);
  await page.keyboard.press('Escape');
});

test('a deleted environment leaves the living, and can still be looked up', async () => {
  await page.goto(`${ready.web}/projects/my-blog/environments`);
  const row = page.getByRole('listitem').filter({ hasText: 'production-copy' });
  await row.getByRole('button', { name: /More/ }).click();
  await page.getByRole('menuitem', { name: /Delete/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Delete environment' }).click();
  await seen(dialog.getByRole('alert'));
  expect(await portray(page, 'delete-environment')).toEqual([]);
  await dialog.getByRole('textbox').fill('my-blog/production-copy');
  await dialog.getByRole('button', { name: 'Delete environment' }).click();
  await gone(row);
  await page.getByText('Deleted', { exact: false }).and(page.locator('summary')).click();
  await seen(row);
  expect(await portray(page, 'environments-deleted')).toEqual([]);
});

test('an address that leads nowhere says so', async () => {
  await page.goto(`${ready.web}/projects/nothing-here/backups`);
  await seen(page.getByRole('heading', { name: 'There is no such project' }));
  expect(await portray(page, 'not-found')).toEqual([]);
  await page.goto(`${ready.web}/projects/my-blog/backups/${crypto.randomUUID()}`);
  await seen(page.getByRole('heading', { name: 'There is no such backup' }));
  await page.goto(`${ready.web}/nowhere/at-all`);
  await seen(page.getByRole('heading', { name: 'There is no such page' }));
});

test('the browser complained of nothing', () => {
  expect(watched.complaints).toEqual([]);
});
