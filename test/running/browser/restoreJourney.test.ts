import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from '../../support/api.js';
import {
  openBrowser,
  openWindow,
  portray,
  seen,
  signInAs,
  snap,
  type Watched,
} from '../../support/browser.js';
import { Databases, type ProjectDatabase } from '../../support/databases.js';
import { newPerson, openCatalogue } from '../../support/people.js';
import { makeEnvironment, makeProject } from '../../support/projects.js';
import { sharedHoldfast } from '../../support/shared.js';

let browser: Browser;
let page: Page;
let watched: Watched;
let source: DataSource;
let databases: Databases;
let database: ProjectDatabase;
let folder: string;
let slug: string;
let web: string;

beforeAll(async () => {
  const { ready, data } = await sharedHoldfast();
  web = ready.web;
  source = await openCatalogue(data);
  databases = await Databases.of(data);
  const person = await newPerson(source);
  const api = new Api(ready.graphql, person.token);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  const media = path.join(folder, 'media');
  await mkdir(media);
  await writeFile(path.join(media, 'a.txt'), 'before');
  database = await databases.make('restore_browser', 5, 'CREATEDB');
  const projectId = await makeProject(api, 'restore-browser');
  const environmentId = await makeEnvironment(api, projectId, 'live', {
    databaseUrl: database.url,
    media: { directory: media },
  });
  ({ slug } = await api.ask<{ slug: string }>(
    'node',
    'query($id: ID!) { node(id: $id) { ... on Project { slug } } }',
    { id: projectId },
  ));
  const id = await api.createBackup(environmentId, ['DATABASE', 'MEDIA'], 'Before the change');
  await api.untilBackup(id, ['SUCCEEDED']);
  await writeFile(path.join(media, 'a.txt'), 'after');
  await databases.ask(database, `INSERT INTO notes VALUES (1000, 'after')`);
  browser = await openBrowser();
  const window = await openWindow(browser, web);
  ({ page, watched } = window);
  await signInAs(window.context, source, person.email, web);
});

afterAll(async () => {
  await browser.close();
  await source.destroy();
  await rm(folder, { recursive: true, force: true });
});

const content = async () => {
  const rows = await databases.ask(database, 'SELECT FROM notes WHERE id = 1000');
  return [rows.length, await readFile(path.join(folder, 'media', 'a.txt'), 'utf8')];
};

test('the dialog shows the plan, and overwrites only once the destination’s name is typed', async () => {
  await page.goto(`${web}/projects/${slug}/backups`);
  const row = page.getByRole('row').filter({ hasText: 'Before the change' });
  await row.getByRole('button', { name: 'Restore…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Restore' });
  await seen(dialog.getByText(/will be replaced/));
  const overwrite = dialog.getByRole('button', { name: `Overwrite ${slug}/live` });
  expect(await overwrite.isEnabled()).toBe(false);
  expect(await portray(page, 'restore-dialog')).toEqual([]);
  await dialog.getByLabel(`Type ${slug}/live to confirm`).fill(`${slug}/live`);
  await overwrite.click();
  await dialog.waitFor({ state: 'hidden' });
});

test('its page follows it live to its end, and links its safety backup', async () => {
  await page.waitForURL(/\/restores\//);
  await seen(page.getByRole('progressbar'));
  await snap(page, 'restore-running');
  await seen(page.getByText('Succeeded'), 120_000);
  expect(await content()).toEqual([0, 'before']);
  await seen(page.getByRole('link', { name: /^Of / }));
  expect(await portray(page, 'restore-succeeded')).toEqual([]);
});

test('it is undone from its page, which is a restore of its own', async () => {
  await page.getByRole('button', { name: /Undo/ }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Undo this restore?' });
  expect(await portray(page, 'restore-undo')).toEqual([]);
  await dialog.getByRole('button', { name: 'Undo restore' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await seen(page.getByText('Succeeded'), 60_000);
  expect(await content()).toEqual([1, 'after']);
});

test('both stand in the list of restores, and the safety backup among the backups', async () => {
  await page.getByRole('link', { name: 'Restores', exact: true }).click();
  await seen(page.getByText(/Before the change/));
  expect(await portray(page, 'restores')).toEqual([]);
  await page.getByRole('link', { name: 'Backups', exact: true }).first().click();
  await seen(page.getByText(/Safety/));
  expect(await portray(page, 'backups-with-safety')).toEqual([]);
  expect(watched.complaints).toEqual([]);
});
