import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  openBrowser,
  openWindow,
  rowOf,
  screenshots,
  seen,
  signInAs,
  type Watched,
} from '../../support/browser.js';
import type { Ready } from '../../support/holdfast.js';
import { openCatalogue } from '../../support/people.js';
import { sharedHoldfast } from '../../support/shared.js';

let ready: Ready;
let source: DataSource;
let browser: Browser;
let page: Page;
let watched: Watched;

beforeAll(async () => {
  const { api, ...shared } = await sharedHoldfast();
  ready = shared.ready;
  source = await openCatalogue(shared.data);
  browser = await openBrowser();
  const window = await openWindow(browser, ready.web);
  ({ page, watched } = window);
  await signInAs(window.context, source, 'admin@localhost', ready.web);
  const id = await api.createBackup(await api.environmentId('shop', 'test'), ['DATABASE'], 'By keyboard');
  await api.untilBackup(id, ['SUCCEEDED']);
  await page.goto(`${ready.web}/projects/shop/backups`);
  await seen(rowOf(page, 'By keyboard').getByText('Succeeded'));
});
afterAll(async () => {
  await browser.close();
  await source.destroy();
});

const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
const more = () => rowOf(page, 'By keyboard').getByRole('button', { name: /More/ });
const isFocused = (locator: ReturnType<typeof more>) =>
  locator.evaluate((element) => element === document.activeElement);

test('the first stop leads past the bar to the content', async () => {
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Skip to the content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
});

test('a filter is set and taken away with the space bar', async () => {
  const live = page.getByRole('button', { name: 'Live', exact: true });
  await live.focus();
  await page.keyboard.press('Space');
  expect(await live.getAttribute('aria-pressed')).toBe('true');
  await page.waitForURL(/stage=live/);
  await page.keyboard.press('Space');
  await seen(rowOf(page, 'By keyboard'));
});

test('a menu opens with its button, moves by arrows, and gives the focus back on Escape', async () => {
  await more().focus();
  await page.keyboard.press('Enter');
  await seen(page.getByRole('menu'));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'hidden' });
  expect(await isFocused(more())).toBe(true);
});

test('a dialog holds the focus, closes on Escape, and gives it back to what opened it', async () => {
  await more().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: /Edit note/ }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Edit note' });
  await seen(dialog);
  for (let stop = 0; stop < 8; stop += 1) {
    await page.keyboard.press('Tab');
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  expect(await isFocused(more())).toBe(true);
  const opener = page.getByRole('button', { name: 'Backup…' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await seen(page.getByRole('dialog', { name: 'New backup' }));
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect(await isFocused(opener)).toBe(true);
});

test('the focus can be seen, and nothing that can be pressed is smaller than 24 by 24', async () => {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('a, button, select, input, summary')]
      .filter((each) => each.checkVisibility() && !each.matches('.skip'))
      .map((each) => ({ each, box: each.getBoundingClientRect() }))
      .filter(({ each, box }) => (box.height < 24 || box.width < 24) && !each.closest('p, td'))
      .map(({ each }) => each.outerHTML.slice(0, 120)),
  );
  expect(small).toEqual([]);
  await more().focus();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  const outline = await more().evaluate((element) => getComputedStyle(element).outlineStyle);
  expect(outline).toBe('solid');
});

test('an exact time is shown to who reaches it by keyboard', async () => {
  await page.goto(`${ready.web}/projects/shop/activity`);
  const time = page.getByRole('listitem').filter({ hasText: 'By keyboard' }).locator('time');
  await time.focus();
  await seen(page.getByText(/\d{2}:\d{2}:\d{2} (UTC|GMT)/));
});

test('with forced colours and little motion everything is still told apart', async () => {
  await page.goto(`${ready.web}/projects/shop/backups?stage=test`);
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await seen(rowOf(page, 'By keyboard'));
  const moving = await page.evaluate(
    () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
  );
  expect(moving).toBe(0);
  await page.screenshot({ path: path.join(screenshots, 'backups-forced-colours.png'), fullPage: true });
});

test('the browser complained of nothing', () => {
  expect(watched.complaints).toEqual([]);
});
