import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { simpleParser } from 'mailparser';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from '../../support/api.js';
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
import { Databases, type ProjectDatabase } from '../../support/databases.js';
import { newPerson, openCatalogue } from '../../support/people.js';
import { postgresPrograms } from '../../support/processes.js';
import { makeEnvironment, makeProject } from '../../support/projects.js';
import { sharedHoldfast } from '../../support/shared.js';
import { until } from '../../support/until.js';

const run = promisify(execFile);

let browser: Browser;
let context: BrowserContext;
let page: Page;
let watched: Watched;
let source: DataSource;
let databases: Databases;
let database: ProjectDatabase;
let folder: string;
let data: string;
let email: string;
let slug: string;
let web: string;
let links: string[];

beforeAll(async () => {
  const shared = await sharedHoldfast();
  ({ data } = shared);
  ({ web } = shared.ready);
  source = await openCatalogue(data);
  databases = await Databases.of(data);
  const person = await newPerson(source);
  ({ email } = person);
  const api = new Api(shared.ready.graphql, person.token);
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-download-'));
  const media = path.join(folder, 'media');
  await mkdir(path.join(media, 'deep'), { recursive: true });
  await writeFile(path.join(media, 'a.txt'), 'an apple');
  await writeFile(path.join(media, 'deep', 'ü b.txt'), 'a pear');
  database = await databases.make('download_browser', 3);
  const projectId = await makeProject(api, 'download-browser');
  const environmentId = await makeEnvironment(api, projectId, 'live', {
    databaseUrl: database.url,
    media: { directory: media },
  });
  ({ slug } = await api.ask<{ slug: string }>(
    'node',
    'query($id: ID!) { node(id: $id) { ... on Project { slug } } }',
    { id: projectId },
  ));
  const id = await api.createBackup(environmentId, ['DATABASE', 'MEDIA'], 'To be downloaded');
  await api.untilBackup(id, ['SUCCEEDED']);
  browser = await openBrowser();
  ({ context, page, watched } = await openWindow(browser, web));
  await signInAs(context, source, email, web);
});

afterAll(async () => {
  await browser.close();
  await source.destroy();
  await rm(folder, { recursive: true, force: true });
});

test('a project without downloads says how one comes about', async () => {
  await page.goto(`${web}/projects/${slug}/downloads`);
  await seen(page.getByText('Nothing has been prepared yet'));
  expect(await portray(page, 'downloads-empty')).toEqual([]);
  await page.getByRole('link', { name: 'To the backups' }).click();
});

test('it is asked for in the menu of the backup’s row, at phone width too', async () => {
  await page.setViewportSize({ width: 360, height: 780 });
  await rowOf(page, 'To be downloaded').getByRole('button', { name: /^More/ }).click();
  await page.getByRole('menuitem', { name: /Prepare download/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Prepare download' });
  await seen(dialog.getByText(/together/));
  await seen(dialog.getByText(/for 7 days/));
  for (const each of ['Database', 'Media', 'Mail me the links'])
    expect(await dialog.getByLabel(each).isChecked()).toBe(true);
  expect(await portray(page, 'download-dialog', [768, 1024])).toEqual([]);
  await dialog.getByRole('button', { name: 'Prepare download' }).click();
  await dialog.waitFor({ state: 'hidden' });
});

test('its page follows it until the files are there and the mail is sent', async () => {
  await page.waitForURL(/\/downloads\/[\w-]+$/);
  await seen(page.getByText('Ready', { exact: true }), 60_000);
  await seen(page.getByText(/Mailed to/), 60_000);
  await page.getByText('How to check and use it').first().click();
  await page.getByText('How to check and use it').last().click();
  await page
    .getByRole('button', { name: /Make a curl command/ })
    .first()
    .click();
  await seen(page.getByText(/--continue-at -/));
  expect(await portray(page, 'download-ready', [768, 1024])).toEqual([]);
});

test('the links in the mail give the files, and these hold what the backup does', async () => {
  const mail = await until('the mail is there', 30_000, () => mailTo(email, /files\//));
  links = [...new Set(mail.match(/https?:\/\/\S+\/files\/[\w-]+\/[\w.-]+/g))].sort();
  expect(links.map((each) => path.extname(each))).toEqual(['.dump', '.tar']);
  expect(links.every((each) => each.startsWith(`${web}/files/`))).toBe(true);
  const dump = await fetched(() => page.goto(links[0] ?? ''));
  const tar = await fetched(() => page.goto(links[1] ?? ''));

  for (const file of [dump, tar])
    expect(mail).toContain(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    );

  const { ready } = await sharedHoldfast();
  const bin = await postgresPrograms({ ready: () => Promise.resolve(ready) });
  const empty = await databases.make('download_browser_again', 0);
  await databases.ask(empty, 'DROP TABLE notes');
  await run(path.join(bin, 'pg_restore'), [
    ...['--no-owner', '--no-privileges', '--exit-on-error', '--dbname', empty.url],
    dump,
  ]);
  const content =
    'SELECT count(*)::int AS rows, md5(string_agg(id || body, chr(10) ORDER BY id)) AS hash FROM notes';
  expect(await databases.ask(empty, content)).toEqual(await databases.ask(database, content));

  const { stdout } = await run('tar', ['--list', '--quoting-style=literal', '--file', tar]);
  const [first, ...names] = stdout.trim().split('\n');
  expect(first).toBe('manifest.jsonl');
  const unpacked = path.join(folder, 'unpacked');
  await mkdir(unpacked);
  await run('tar', ['--extract', '--file', tar, '--directory', unpacked]);
  const lines = (await readFile(path.join(unpacked, 'manifest.jsonl'), 'utf8')).trim().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as { path: string; type: string; sha256?: string });
  const inArchive = names.map((name) => name.replace(/^media\/|\/$/g, '')).filter(Boolean);
  expect(entries.map((each) => each.path)).toEqual(expect.arrayContaining(['a.txt', 'deep/ü b.txt']));
  expect(inArchive.toSorted()).toEqual(entries.map((each) => each.path).toSorted());
  for (const entry of entries.filter(({ type }) => type === 'file')) {
    const bytes = await readFile(path.join(unpacked, 'media', entry.path));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(entry.sha256);
  }
});

test('each file is downloaded from the list, and the page says by whom', async () => {
  await page.goto(`${web}/projects/${slug}/downloads`);
  const row = page.getByRole('listitem').filter({ hasText: 'To be downloaded' });
  await seen(row.getByText('Ready', { exact: true }));
  await seen(row.getByText('in 7 days'));
  expect(await portray(page, 'downloads', [768, 1024])).toEqual([]);
  for (const [name, ending] of [
    ['Database', '.dump'],
    ['Media', '.media.tar'],
  ] as const) {
    const file = await fetched(() => row.getByRole('button', { name: new RegExp(`^${name}`) }).click());
    expect(file.endsWith(ending)).toBe(true);
    expect((await stat(file)).size).toBeGreaterThan(0);
  }
  await row.getByRole('link').first().click();
  await seen(page.getByRole('heading', { name: 'Downloaded by' }));
  await until('the uses are listed', 30_000, async () => {
    if ((await page.getByText(email).count()) > 3) return true;
    await page.reload();
    return seen(page.getByRole('heading', { name: 'Downloaded by' })).then(() => false);
  });
  expect(await portray(page, 'download-used')).toEqual([]);
});

test('somebody without a session signs in first, and then has the file', async () => {
  const other = await openWindow(browser, web);
  await other.page.goto(links[0] ?? '');
  await seen(other.page.getByText('The download is for members only'));
  expect(await portray(other.page, 'sign-in-for-file')).toEqual([]);
  await other.page.getByLabel('E-mail address').fill(email);
  await other.page.getByRole('button', { name: 'Send sign-in link' }).click();
  const mail = await until('the sign-in mail is there', 30_000, () => mailTo(email, /#token=/));
  const tab = await other.context.newPage();
  await tab.goto(/http\S+#token=[\w-]+/.exec(mail)?.[0] ?? '');
  const file = await fetched(() => tab.getByRole('button', { name: 'Sign in' }).click(), tab);
  expect(file.endsWith('.dump')).toBe(true);
  await seen(tab.getByText('Your download begins.', { exact: false }));
  expect(await portray(tab, 'signed-in-for-file')).toEqual([]);
  expect(other.watched.complaints).toEqual([]);
  await other.context.close();
});

test('when it ends the page says so at that moment, and it can be made anew', async () => {
  const id = page.url().split('/').at(-1);
  await databases.catalogue(`UPDATE downloads SET expires_at = now() + interval '6 seconds' WHERE id = $1`, [
    id,
  ]);
  await seen(page.getByText('in less than a minute'));
  await seen(page.getByText('Expired', { exact: true }));
  await gone(page.getByRole('button', { name: /^Download/ }));
  await seen(page.getByRole('button', { name: /Make anew/ }));
  expect(await portray(page, 'download-expired')).toEqual([]);
  expect((await page.request.get(links[0] ?? '')).status()).toBe(410);
  await page.getByRole('button', { name: /Make anew/ }).click();
  await page.waitForURL((url) => !url.pathname.endsWith(id ?? ''));
  await seen(page.getByText('Ready', { exact: true }), 60_000);
});

test('revoking asks first, and ends the links', async () => {
  const mail = await until('the second mail is there', 60_000, async () => {
    const text = await mailTo(email, /files\//);
    return text?.includes(page.url().split('/').at(-1) ?? '-') ? text : null;
  });
  const link = /https?:\/\/\S+\/files\/[\w-]+\/[\w.-]+/.exec(mail)?.[0] ?? '';
  await page.getByRole('button', { name: /Revoke/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Revoke this download?' });
  await seen(dialog.getByText(/the links in the mails end too/));
  expect(await portray(page, 'download-revoke')).toEqual([]);
  await dialog.getByRole('button', { name: 'Revoke download' }).click();
  await seen(page.getByText('Revoked', { exact: true }));
  expect(await portray(page, 'download-revoked')).toEqual([]);
  expect((await page.request.get(link)).status()).toBe(410);
  await page.getByRole('link', { name: 'All downloads' }).click();
  await seen(page.getByText('Expired', { exact: true }));
  expect(await portray(page, 'downloads-ended', [768, 1024])).toEqual([]);
  expect(watched.complaints).toEqual([]);
});

/** Saves what `act` has the browser download; answers with where it lies, under its own name. */
async function fetched(act: () => Promise<unknown>, where = page): Promise<string> {
  const begun = where.waitForEvent('download');
  // Going to a file is broken off as it begins to be saved.
  await Promise.all([begun, act().catch(() => null)]);
  const download = await begun;
  const file = path.join(folder, 'saved', download.suggestedFilename());
  await download.saveAs(file);
  return file;
}

/** The text of the newest mail to this address that has this in it. */
async function mailTo(address: string, has: RegExp): Promise<string | null> {
  const files = (await readdir(`${data}/mail`)).filter((name) => name.endsWith('.eml')).sort();
  for (const file of files.toReversed()) {
    const { to, text } = await simpleParser(await readFile(`${data}/mail/${file}`));
    if ([to].flat().some((each) => each?.text.includes(address)) && has.test(text ?? '')) return text ?? '';
  }
  return null;
}
