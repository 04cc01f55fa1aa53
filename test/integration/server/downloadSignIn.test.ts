import { describe, expect, test } from 'vitest';
import type { DownloadFile } from '#schema/entities';
import type { Mail } from '../../../server/identity/mailer.js';
import { get, makeDownload, makeFile, operator, serve, useDownloads, type Site } from './downloadFixture.js';

useDownloads();

/** A site whose mails are kept, and the link in the newest one. */
async function siteWithMail(): Promise<{ site: Site; link: () => Promise<URL> }> {
  const mails: Mail[] = [];
  const mailer = { send: async (mail: Mail) => mails.push(mail) > 0 };
  const site = await serve({}, undefined, mailer);
  const link = async () => {
    await expect.poll(() => mails.length).toBeGreaterThan(0);
    return new URL(/^http.*$/m.exec(mails.pop()?.text ?? '')?.[0] ?? '');
  };
  return { site, link };
}

const post = (site: Site, path: string, body: object) =>
  fetch(site.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('a link in a mail, opened without a session', () => {
  test('leads to the file through signing in', async () => {
    const { site, link } = await siteWithMail();
    const file: DownloadFile = (await makeFile(await makeDownload())).file;
    const sent = await get(site.at(file), { accept: 'text/html' });
    const signIn = new URL(sent.headers.get('location') ?? '', site.url);
    const next = signIn.searchParams.get('next');
    expect((await post(site, '/session/link', { email: operator.email, next })).status).toBe(204);
    const mailed = await link();
    expect(mailed.pathname).toBe('/sign-in');
    expect(mailed.searchParams.get('next')).toBe(next);
    const token = new URLSearchParams(mailed.hash.slice(1)).get('token');
    const session = await post(site, '/session', { token });
    const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
    const answer = await get(site.url + mailed.searchParams.get('next'), { accept: 'text/html', cookie });
    expect(answer.status).toBe(200);
    expect((await answer.arrayBuffer()).byteLength).toBe(file.size);
  });

  test.each(['https://example.org/', '//example.org/', '/\\example.org', '/.//example.org', 'files', ''])(
    'never leads elsewhere: %s',
    async (next) => {
      const { site, link } = await siteWithMail();
      await post(site, '/session/link', { email: operator.email, next });
      expect((await link()).search).toBe('');
    },
  );
});
