import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import type { DataSource } from 'typeorm';
import { hashSecret } from '#schema/catalogue';
import { Session, User } from '#schema/entities';
import { findChromium } from './ensureChromium.mjs';

/** Where screenshots are kept for people to look at. */
export const screenshots = fileURLToPath(new URL('../output/screenshots/', import.meta.url));

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const cookieName = 'holdfast_session';
const dayMs = 86_400_000;

/** A real Chromium; close it. `more`: flags of this one alone. */
export async function openBrowser(more: string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath)
    throw new Error('No Chromium: install it (apt install chromium) or name one in HOLDFAST_CHROMIUM.');
  return chromium.launch({ executablePath, args: [...flags, ...more] });
}

/** What pages did that they should not: complaints, and requests to anywhere but Holdfast. */
export interface Watched {
  complaints: string[];
  requests: string[];
}

/** A window of its own, watched from the start. */
export async function openWindow(
  browser: Browser,
  web: string,
): Promise<{ context: BrowserContext; page: Page; watched: Watched }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const watched = watch(context, web);
  return { context, page: await context.newPage(), watched };
}

function watch(context: BrowserContext, web: string): Watched {
  const complaints: string[] = [];
  const requests: string[] = [];
  context.on('page', (page) => {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      requests.push(request.url());
      if (!request.url().startsWith(web) && !request.url().startsWith('data:'))
        complaints.push(`foreign: ${request.url()}`);
    });
  });
  return { complaints, requests };
}

/** Signs a window in as the person with this address, as if they had followed a mailed link. */
export async function signInAs(
  context: BrowserContext,
  source: DataSource,
  email: string,
  web: string,
): Promise<void> {
  const users = source.getRepository(User);
  const { id } = await users.findOneByOrFail({ email });
  await users.update({ id }, { signedInAt: new Date() });
  const secret = `hfs_${randomUUID()}`;
  await source.getRepository(Session).insert({
    userId: id,
    secretHash: hashSecret(secret),
    lastUsedAt: new Date(),
    expiresAt: new Date(Date.now() + dayMs),
  });
  await context.addCookies([
    { name: cookieName, value: secret, url: web, httpOnly: true, sameSite: 'Lax' as const },
  ]);
}

/** Waits until the first of what is meant can be seen. */
export async function seen(locator: Locator, timeout = 30_000): Promise<void> {
  await locator.first().waitFor({ state: 'visible', timeout });
}

/** Waits until nothing of what is meant can be seen. */
export async function gone(locator: Locator, timeout = 30_000): Promise<void> {
  await locator.first().waitFor({ state: 'hidden', timeout });
}

/** The row of the backup with this note. */
export function rowOf(where: Page, note: string): Locator {
  return where.getByRole('row').filter({ hasText: note });
}

/** What axe finds on the page as it stands: names of rules with the elements at fault. */
export async function axe(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
}

/**
 * Keeps a picture of the page at phone and desktop width (and others asked for), light and dark. Answers with what is
 * wrong: what axe finds in either, and what makes the page scroll sideways.
 */
export async function portray(page: Page, name: string, widths: readonly number[] = []): Promise<string[]> {
  await mkdir(screenshots, { recursive: true });
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [360, 1440, ...widths]) {
      const here = `${name}-${width}-${colorScheme}`;
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await settle(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wide > 0) found.push(`${here}: scrolls sideways by ${wide} px`);
      // Each width and each scheme is looked at once: colours do not depend on the width.
      if ((width === 360) === (colorScheme === 'light'))
        found.push(...(await axe(page)).map((each) => `${here}: ${each}`));
      await page.screenshot({ path: path.join(screenshots, `${here}.png`), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
  await page.setViewportSize({ width: 1440, height: 900 });
  await settle(page);
  return found;
}

/** Keeps one quick picture of what does not stand still long enough for `portray`. */
export async function snap(page: Page, name: string): Promise<void> {
  await mkdir(screenshots, { recursive: true });
  await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
}

/** Waits until everything that moves for a moment stands still. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
        .map(({ finished }) => finished.catch(() => null)),
    ),
  );
}
