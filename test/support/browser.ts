import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
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

/** A real Chromium; close it. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath)
    throw new Error('No Chromium: install it (apt install chromium) or name one in HOLDFAST_CHROMIUM.');
  return chromium.launch({ executablePath, args: flags });
}

/** What a page did that it should not: complaints, and requests to anywhere but Holdfast. */
export function watch(context: BrowserContext, web: string): { complaints: string[]; requests: string[] } {
  const complaints: string[] = [];
  const requests: string[] = [];
  const watchPage = (page: Page) => {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      requests.push(request.url());
      if (!request.url().startsWith(web) && !request.url().startsWith('data:'))
        complaints.push(`foreign: ${request.url()}`);
    });
  };
  context.pages().forEach(watchPage);
  context.on('page', watchPage);
  return { complaints, requests };
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

/** Keeps a picture of the page at phone and desktop width, light and dark; answers with what axe finds in each. */
export async function portray(page: Page, name: string): Promise<string[]> {
  await mkdir(screenshots, { recursive: true });
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [360, 1440]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate(() =>
        Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => null))),
      );
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wide > 0) found.push(`${name} ${width} ${colorScheme}: scrolls sideways by ${wide} px`);
      found.push(...(await axe(page)).map((each) => `${name} ${width} ${colorScheme}: ${each}`));
      await page.screenshot({
        path: path.join(screenshots, `${name}-${width}-${colorScheme}.png`),
        fullPage: true,
      });
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
  await page.setViewportSize({ width: 1440, height: 900 });
  return found;
}
