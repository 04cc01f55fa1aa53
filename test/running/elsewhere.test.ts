import http from 'node:http';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { User } from '#schema/entities';
import { createSignInLink } from '../../server/identity/signInLinks.js';
import { gone, openBrowser, openWindow, seen } from '../support/browser.js';
import type { Ready } from '../support/holdfast.js';
import { newPerson, openCatalogue } from '../support/people.js';
import { Relay } from '../support/relay.js';
import { sharedHoldfast } from '../support/shared.js';

// Holdfast opened under an address that it does not know, as through an SSH tunnel.

let ready: Ready;
let source: DataSource;
let relay: Relay;
let elsewhere: string;

beforeAll(async () => {
  const { ready: shared, data } = await sharedHoldfast();
  ready = shared;
  source = await openCatalogue(data);
  relay = await Relay.to(Number(new URL(ready.web).port));
  elsewhere = `http://127.0.0.1:${relay.port}`;
});
afterAll(async () => {
  await relay.stop();
  await source.destroy();
});

async function linkFor(kind: 'hfb_' | 'hfl_'): Promise<string> {
  const { email } = await newPerson(source);
  const { id } = await source.getRepository(User).findOneByOrFail({ email });
  return createSignInLink(source, id, kind, 5);
}

test('the banner’s link says which address to open, and works there afterwards', async () => {
  const token = await linkFor('hfb_');
  const answer = await fetch(`${elsewhere}/sign-in/${token}`, { redirect: 'manual' });
  expect(answer.headers.get('set-cookie')).toBeNull();
  expect(await answer.text()).toContain(`href="${ready.web}/sign-in/${token}"`);
  const there = await fetch(`${ready.web}/sign-in/${token}`, { redirect: 'manual' });
  expect(there.headers.get('location')).toBe('/');
  expect(there.headers.get('set-cookie')).not.toBeNull();
});

test('a page shows nothing of what a request puts into it', async () => {
  const said = await new Promise<string>((resolve, reject) => {
    const request = http.get(
      `${ready.web}/sign-in/%22%3E%3Cscript%3E`,
      { headers: { host: 'evil.example"><script>' } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(text));
      },
    );
    request.on('error', reject);
  });
  expect(said).toContain('another address');
  expect(said).not.toMatch(/<script|evil/);
});

test('a mailed link is kept, and the page says why nobody can sign in there', async () => {
  const token = await linkFor('hfl_');
  const browser = await openBrowser();
  try {
    const { page } = await openWindow(browser, elsewhere);
    await page.goto(`${elsewhere}/sign-in#token=${token}`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await seen(page.getByText(/another address/));
    await seen(page.getByText('Your link is ready.'));
    await page.goto(`${ready.web}/sign-in#token=${token}`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await gone(page.getByRole('heading', { name: 'Sign in' }));
    await seen(page.getByRole('heading', { name: 'Projects' }));
  } finally {
    await browser.close();
  }
});

test('who asks for a link there is told the same', async () => {
  const browser = await openBrowser();
  try {
    const { page } = await openWindow(browser, elsewhere);
    await page.goto(`${elsewhere}/sign-in`);
    await page.getByLabel('E-mail address').fill('anna@example.org');
    await page.getByRole('button', { name: 'Send sign-in link' }).click();
    await seen(page.getByText(/another address/));
  } finally {
    await browser.close();
  }
});
