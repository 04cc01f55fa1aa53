import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api } from '../support/api.js';
import { openBrowser, seen } from '../support/browser.js';
import { Databases } from '../support/databases.js';
import { makeEnvironment } from '../support/projects.js';
import { Restores } from '../support/restores.js';
import { sharedHoldfast } from '../support/shared.js';

const pictures = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const both = ['DATABASE', 'MEDIA'];
let api: Api;
let browser: Browser;
let page: Page;
let temporalUi: string;
/** The page of the failed restore’s run, without a tab’s name. */
let run: string;
let folder: string;

/** Temporal’s pages name the machine and where Holdfast lies on it, which is nobody’s business. */
const project = fileURLToPath(new URL('../../', import.meta.url));

beforeAll(async () => {
  const { api: shared, data, ready } = await sharedHoldfast();
  api = shared;
  temporalUi = ready.temporalUi;
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-media-'));
  run = await failedJobs(await Databases.of(data));
  browser = await openBrowser();
  page = await browser.newPage({ timezoneId: 'UTC', locale: 'en-GB' });
  await page.route('**/api/**', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replaceAll(project, '').replaceAll(os.hostname(), 'worker');
    await route.fulfill({ response, body });
  });
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A restore and a backup that the database refuses, because its role’s password was changed. */
async function failedJobs(databases: Databases): Promise<string> {
  const restores = new Restores(api);
  const database = await databases.make('harbour_live', 1, 'CREATEDB');
  const directory = path.join(folder, 'media');
  await mkdir(directory);
  await writeFile(path.join(directory, 'one'), 'one');
  const { id: projectId } = await api.make<{ id: string }>(
    'createProject',
    'project',
    `mutation($input: CreateProjectInput!) { createProject(input: $input) { project { id } userErrors { code field message } } }`,
    { input: { slug: 'harbour', name: 'Harbour' } },
  );
  const destinationId = await makeEnvironment(api, projectId, 'live', {
    databaseUrl: database.url,
    media: { directory },
  });
  const { id: sourceId } = await api.untilBackup(await api.createBackup(destinationId, both), ['SUCCEEDED']);
  await databases.setPassword(database, 'another one');
  const wish = { sourceId, destinationId, contents: both, safetyBackup: false };
  const { workflow } = await restores.until(await restores.begin(wish), ['FAILED']);
  await api.untilBackup(await api.createBackup(destinationId, ['DATABASE']), ['FAILED']);
  return String(workflow.url).replace(/\/history$/, '');
}

const query = 'HoldfastFailure="DATABASE_AUTHENTICATION" AND ExecutionStatus="Failed"';

test('what has failed for one reason', async () => {
  await open(`${temporalUi}/namespaces/default/workflows?query=${encodeURIComponent(query)}`, 560);
  await seen(page.getByRole('link', { name: /^backup\// }));
  await keep('list');
});

test('a failed restore, with its cause and the step that failed', async () => {
  await open(`${run}/timeline`, 1110);
  await seen(page.getByText('does not let', { exact: false }));
  await seen(page.getByText('cleanUpRestore'));
  await keep('failed', { x: 0, y: 0, width: 1280, height: 740 });
  await keep('timeline', { x: 256, y: 750, width: 1024, height: 320 });
});

test('what it says about itself', async () => {
  await open(`${run}/user-metadata`, 740);
  // Its words stand in a frame of their own.
  await seen(page.frameLocator('#user-metadata-current-details').getByText('Once mended', { exact: false }));
  await keep('details');
});

test('its reset', async () => {
  await open(`${run}/history`, 740);
  await page.getByRole('button', { name: 'Reset', exact: true }).locator('visible=true').first().click();
  const dialog = page.locator('dialog[open]');
  await dialog.getByTestId('workflow-reset-event-id-select-button').click();
  const points = dialog.getByRole('option', { name: /WorkflowTaskCompleted/ });
  await points.last().click();
  await dialog.getByPlaceholder('Enter a reason').fill('The password is right again');
  const { x, y, width, height } = (await dialog.boundingBox()) ?? { x: 0, y: 0, width: 1280, height: 740 };
  await keep('reset', { x: x - 20, y: y - 20, width: width + 40, height: height + 40 });
});

async function open(url: string, height: number): Promise<void> {
  await page.setViewportSize({ width: 1280, height });
  await page.goto(url, { waitUntil: 'networkidle' });
}

/** Writes the picture, unless a name of this machine can be read on the page. */
async function keep(
  name: string,
  clip?: { x: number; y: number; width: number; height: number },
): Promise<void> {
  const text = await page.locator('body').innerText();
  expect(text).not.toContain(project);
  expect(text).not.toContain(os.hostname());
  const file = path.join(pictures, `support-${name}.png`);
  await page.screenshot({ path: file, animations: 'disabled', ...(clip && { clip }) });
}
