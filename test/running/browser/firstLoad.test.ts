import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openBrowser, openWindow, seen, signInAs } from '../../support/browser.js';
import { openCatalogue } from '../../support/people.js';
import { sharedHoldfast } from '../../support/shared.js';

const mostBytes = 95_000;

test('the Backups page loads at most 95 kB of JavaScript at first, gzipped', async () => {
  const { data, ready } = await sharedHoldfast();
  const source = await openCatalogue(data);
  const browser = await openBrowser();
  try {
    const { context, page } = await openWindow(browser, ready.web);
    await signInAs(context, source, 'admin@localhost', ready.web);
    const sizes: Promise<number>[] = [];
    page.on('response', (response) => {
      if (new URL(response.url()).pathname.endsWith('.js'))
        sizes.push(response.body().then((body) => gzipSync(body).length));
    });
    await page.goto(`${ready.web}/projects/shop/backups`);
    await seen(page.getByRole('button', { name: 'Backup…' }));
    await page.waitForLoadState('networkidle');
    const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThanOrEqual(mostBytes);
  } finally {
    await browser.close();
    await source.destroy();
  }
});
