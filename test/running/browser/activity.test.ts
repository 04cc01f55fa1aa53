import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api } from '../../support/api.js';
import {
  gone,
  openBrowser,
  openWindow,
  portray,
  seen,
  signInAs,
  snap,
  type Watched,
} from '../../support/browser.js';
import type { Ready } from '../../support/holdfast.js';
import { openCatalogue } from '../../support/people.js';
import { makeEnvironment, makeProject } from '../../support/projects.js';
import { sharedHoldfast } from '../../support/shared.js';

let api: Api;
let ready: Ready;
let source: DataSource;
let browser: Browser;
let page: Page;
let watched: Watched;
let folder: string;
let projectId: string;
let environmentId: string;
let slug: string;

beforeAll(async () => {
  const shared = await sharedHoldfast();
  ({ api, ready } = shared);
  source = await openCatalogue(shared.data);
  browser = await openBrowser();
  const window = await openWindow(browser, ready.web);
  ({ page, watched } = window);
  await signInAs(window.context, source, 'admin@localhost', ready.web);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-activity-'));
  projectId = await makeProject(api, 'museum');
  environmentId = await makeEnvironment(api, projectId, 'hall', {
    media: { directory: path.join(folder, 'later') },
  });
  ({ slug } = await api.ask<{ slug: string }>(
    'node',
    'query($id: ID!) { node(id: $id) { ... on Project { slug } } }',
    { id: projectId },
  ));
});
afterAll(async () => {
  await browser.close();
  await source.destroy();
  await rm(folder, { recursive: true, force: true });
});

const job = (note: string) => page.getByRole('listitem').filter({ hasText: note });
/** A list to choose from; by how its label begins, for the text of a label holds all that can be chosen. */
const choice = (label: string) =>
  page.locator('label', { hasText: new RegExp(`^\\s*${label}`) }).locator('select');

test('a project in which nothing happened says what will be here', async () => {
  await page.goto(`${ready.web}/projects/${slug}/activity`);
  await seen(page.getByRole('heading', { name: 'Nothing has happened yet' }));
  expect(await portray(page, 'activity-empty')).toEqual([]);
});

test('a job appears by itself, says why it failed, and is retried from here', async () => {
  await api.createBackup(environmentId, ['MEDIA'], 'Before the move');
  await seen(job('Before the move').getByText('Failed'), 60_000);
  expect(await job('Before the move').innerText()).toContain('MEDIA_NOT_FOUND');
  expect(
    await job('Before the move')
      .getByRole('link', { name: /Temporal/ })
      .getAttribute('href'),
  ).toContain(ready.temporalUi);
  await mkdir(path.join(folder, 'later'));
  await api.createBackup(environmentId, ['MEDIA'], 'After the move');
  await seen(job('After the move').getByText('Succeeded'), 60_000);
  expect(await page.getByRole('main').getByRole('listitem').first().innerText()).toContain('After the move');
  expect(await portray(page, 'activity')).toEqual([]);
  await job('Before the move').getByRole('button', { name: /Retry/ }).click();
  await seen(job('Before the move').getByText('Succeeded'), 60_000);
  expect(await page.getByRole('main').getByRole('listitem').first().innerText()).toContain('Before the move');
});

test('filters narrow the activity, and the address keeps them', async () => {
  await choice('Status').selectOption('Failed');
  await seen(page.getByRole('heading', { name: 'Nothing matches' }));
  expect(new URL(page.url()).search).toBe('?status=failed');
  expect(await portray(page, 'activity-nothing-matches')).toEqual([]);
  await page.getByRole('button', { name: 'Show all activity' }).click();
  await seen(job('After the move'));
  await choice('Kind').selectOption('Backups');
  await choice('Environment').selectOption('hall');
  await seen(job('After the move'));
  await page.reload();
  await seen(job('After the move'));
  expect(await choice('Environment').inputValue()).toBe('hall');
});

test('on a phone the filters are folded behind one button', async () => {
  await page.setViewportSize({ width: 360, height: 800 });
  await gone(choice('Status'));
  await page.getByRole('button', { name: 'Filters (2)' }).click();
  await seen(choice('Status'));
  await snap(page, 'activity-filters-360');
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('a job leads to its backup', async () => {
  await job('After the move').getByRole('link', { name: 'Backup on demand' }).click();
  await seen(page.getByRole('heading', { name: 'Git commit' }));
});

test('support staff see all projects, and find a job by project, status, failure and id', async () => {
  const failing = await makeEnvironment(api, projectId, 'cellar', {
    media: { directory: path.join(folder, 'never') },
  });
  const id = await api.createBackup(failing, ['MEDIA'], 'From the cellar');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Activity' }).click();
  await seen(job('From the cellar').getByText('Failed'), 60_000);
  expect(await portray(page, 'all-activity')).toEqual([]);
  const main = page.getByRole('main');
  await choice('Project').selectOption('museum');
  await choice('Status').selectOption('Failed');
  await choice('Failure').selectOption('MEDIA_NOT_FOUND');
  await seen(job('From the cellar'));
  await gone(job('After the move'));
  await choice('Failure').selectOption('STORAGE_FULL');
  await seen(page.getByRole('heading', { name: 'Nothing matches' }));
  await main.getByLabel('Workflow id').fill('backup/nothing');
  await main.getByRole('button', { name: 'Find job' }).click();
  await seen(page.getByText('There is no job of this id.'));
  expect(await portray(page, 'all-activity-nothing-found')).toEqual([]);
  const { workflow } = await api.backup(id);
  await main.getByLabel('Workflow id').fill(workflow.url ?? workflow.workflowId);
  await main.getByRole('button', { name: 'Find job' }).click();
  await seen(page.getByRole('article').getByText('From the cellar'));
  expect(await portray(page, 'backup-failed')).toEqual([]);
});

test('the browser complained of nothing', () => {
  expect(watched.complaints).toEqual([]);
});
