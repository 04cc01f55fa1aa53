import { describe, expect, test } from 'vitest';
import { ApiToken, Download, Member, Session } from '#schema/entities';
import { api, shop } from './restoreFixture.js';
import { audited, get, makeDownload, makeFile, operator, see, somebody, tell } from './downloadFixture.js';
import {
  bearer,
  bodyOf,
  bytes,
  download,
  file,
  mine,
  minted,
  open,
  openLink,
  page,
  site,
  useFiles,
} from './downloadSite.js';

useFiles();

describe('who asks', () => {
  test('by a session, also from a mail that is read in a browser; not from a foreign page’s script', async () => {
    const fromMail = {
      ...page,
      ...operator.cookie,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
    };
    expect((await bodyOf(await get(site.at(file), fromMail))).equals(bytes)).toBe(true);
    const byScript = { ...operator.cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect((await get(site.at(file), byScript)).status).toBe(401);
    expect((await get(site.at(file), operator.cookie)).status).toBe(200);
    expect((await audited(download.id)).map(({ by, email }) => [by, email])).toEqual([
      ['session', operator.email],
      ['session', operator.email],
    ]);
  });

  test('is written down with the address that the request came from, and shown to operators', async () => {
    await (await mine({ range: 'bytes=1-2' })).arrayBuffer();
    const [entry] = await audited(download.id);
    expect(entry).toMatchObject({ deed: 'download', by: 'token', userId: operator.id, projectId: shop.id });
    expect(entry?.remoteAddress).toContain('127.0.0.1');
    expect(entry?.details).toEqual({ file: file.name, range: '1-2' });
    expect((await see(download.id))?.uses).toEqual([
      { at: entry?.at, who: operator.email, fileName: file.name },
    ]);
  });

  test('nobody: a browser is sent to sign in and back, a program is told', async () => {
    const answer = await get(site.at(file), page);
    expect(answer.status).toBe(302);
    const next = new URL(answer.headers.get('location') ?? '', site.url);
    expect([next.origin, next.pathname]).toEqual([site.url, '/sign-in']);
    expect(next.searchParams.get('next')).toBe(new URL(site.at(file)).pathname);
    const program = await get(site.at(file));
    expect([program.status, program.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect((await get(site.at(file), bearer('hf_nobody'))).status).toBe(401);
  });

  test('whoever may not have it is answered as if it were not there', async () => {
    const absent = site.at(file).replace(download.id, crypto.randomUUID());
    const asked: Array<[string, Record<string, string>]> = [[absent, operator.cookie]];
    asked.push(
      [`${site.at(file)}x`, operator.cookie],
      [site.at(file).replace(download.id, 'x'), operator.cookie],
    );
    for (const other of [await somebody(null), await somebody('VIEWER'), await somebody(null, true)])
      asked.push([site.at(file), other.cookie]);
    const unready = await makeDownload({ status: 'RUNNING' });
    asked.push([site.at(file).replace(download.id, unready.id), operator.cookie]);
    const answers = new Set<string>();
    for (const [address, cookie] of asked) {
      const answer = await get(address, { ...page, ...cookie });
      const headers = Object.fromEntries(answer.headers);
      delete headers['date'];
      answers.add(JSON.stringify([answer.status, headers, await answer.text()]));
    }
    expect([...answers]).toHaveLength(1);
    const [only = ''] = answers;
    expect(only).toContain('[404,');
    expect(only).toContain('text/html');
    expect(only).not.toContain('<script');
    expect(only).not.toContain(shop.slug);
    expect(await audited(download.id)).toEqual([]);
  });

  test('once it has expired or was revoked, members are told where to prepare it anew', async () => {
    const address = await minted();
    const stranger = await somebody(null);
    await api.source.getRepository(Download).update(download.id, { expiresAt: new Date(Date.now() - 1) });
    const expired = await get(site.at(file), { ...page, ...operator.cookie });
    expect(expired.status).toBe(410);
    expect(await expired.text()).toContain(`/projects/${shop.slug}/downloads"`);
    expect((await get(address)).status).toBe(410);
    expect((await get(site.at(file), { ...page, ...stranger.cookie })).status).toBe(404);
    await api.source
      .getRepository(Download)
      .update(download.id, { expiresAt: new Date(Date.now() + 60_000) });
    expect((await mine()).status).toBe(200);
    await tell('revokeDownload', download.id);
    expect((await mine()).status).toBe(410);
  });
});

describe('an address that the API gave', () => {
  test('works without a further sign-in, for that file alone', async () => {
    const address = await minted();
    expect((await bodyOf(await get(address))).equals(bytes)).toBe(true);
    const { file: other } = await makeFile(download, 5, 'MEDIA');
    expect((await get(site.at(other) + new URL(address).search)).status).toBe(401);
    const elsewhere = await makeDownload();
    await makeFile(elsewhere);
    expect((await get(address.replace(download.id, elsewhere.id))).status).toBe(401);
  });

  test('ends with the role, the membership and the credential', async () => {
    const { source } = api;
    const member = { projectId: shop.id, userId: operator.id };
    const address = await minted();
    await source.getRepository(Member).update(member, { role: 'VIEWER' });
    expect((await get(address)).status).toBe(404);
    await source.getRepository(Member).delete(member);
    expect((await get(address)).status).toBe(404);
    expect((await get(site.at(file), { ...page, ...operator.cookie })).status).toBe(404);
    await source.getRepository(Member).insert({ ...member, role: 'OPERATOR' });
    expect((await get(address)).status).toBe(200);
    await source.getRepository(ApiToken).update(operator.tokenId, { expiresAt: new Date(0) });
    expect((await get(address)).status).toBe(401);
    await source.getRepository(ApiToken).delete(operator.tokenId);
    expect((await get(address)).status).toBe(401);
  });

  test('made for a session ends with it', async () => {
    const session = await api.source.getRepository(Session).findOneByOrFail({ userId: operator.id });
    const sign = (credentialId: string, userId = operator.id, untilMs = Date.now() + 60_000) => {
      const by = { userId, by: 'session' as const, credentialId };
      return `${site.at(file)}?key=${api.tools.fileLinks.sign({ downloadId: download.id, name: file.name, untilMs, minted: by })}`;
    };
    expect((await get(sign(session.id))).status).toBe(200);
    expect((await get(sign(session.id, (await somebody('ADMIN')).id))).status).toBe(401);
    expect((await get(sign(session.id, operator.id, Date.now() - 1))).status).toBe(401);
    await api.source.getRepository(Session).delete(session.id);
    expect((await get(sign(session.id))).status).toBe(401);
  });

  test('that was tampered with is worth nothing; with a session behind it that counts', async () => {
    const address = await minted();
    const swapped = address.replace(/.(?=.$)/, (letter) => (letter === 'A' ? 'B' : 'A'));
    for (const bad of [
      swapped,
      address.slice(0, -5),
      `${site.at(file)}?key=`,
      `${site.at(file)}?key=a&key=b`,
    ])
      expect((await get(bad)).status).toBe(401);
    const forwarded = await get(swapped, page);
    expect(forwarded.status).toBe(302);
    expect(forwarded.headers.get('location')).not.toContain('key');
    expect((await get(swapped, operator.cookie)).status).toBe(200);
  });
});

describe('a link in a mail', () => {
  test('that was forwarded asks for a sign-in unless links are open', async () => {
    const link = new URL(site.at(file)).pathname + openLink();
    expect((await get(site.url + link)).status).toBe(401);
    expect((await get(site.url + link, page)).status).toBe(302);
    expect((await bodyOf(await get(open.url + link))).equals(bytes)).toBe(true);
    expect(await audited(download.id)).toMatchObject([{ by: 'link', userId: null, email: null }]);
    expect((await see(download.id))?.uses).toMatchObject([{ who: 'open link' }]);
    const old = new URL(site.at(file)).pathname + openLink(Date.now() - 1);
    expect((await get(open.url + old)).status).toBe(401);
    await tell('revokeDownload', download.id);
    const gone = await get(open.url + link, page);
    expect(gone.status).toBe(410);
    expect(await gone.text()).not.toContain(shop.slug);
  });
});

describe('guessing', () => {
  test('a thousand times finds nothing and is slowed down; links that work go on', async () => {
    const counts: Record<number, number> = {};
    const guess = async (number: number) => {
      const address =
        number % 2
          ? `${site.at(file)}?key=hfd_${number}`
          : site.at(file).replace(download.id, crypto.randomUUID());
      const answer = await get(address, number % 3 ? {} : operator.cookie);
      await answer.arrayBuffer();
      counts[answer.status] = (counts[answer.status] ?? 0) + (number % 3 || number % 2 === 0 ? 1 : 0);
      if (answer.status === 429) expect(answer.headers.get('retry-after')).toBe('60');
    };
    for (let number = 0; number < 1000; number += 20)
      await Promise.all(Array.from({ length: 20 }, (_none, more) => guess(number + more)));
    // Those with a bad key behind which a session stands got what the session may have.
    const refused = (counts[401] ?? 0) + (counts[404] ?? 0);
    expect(refused).toBe(60);
    expect(counts[429]).toBeGreaterThan(600);
    expect(counts[200] ?? 0).toBe(0);
    expect((await mine()).status).toBe(200);
  });
});
