import { randomUUID } from 'node:crypto';
import { simpleParser } from 'mailparser';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { catalogue as describeCatalogue, createFileLinks, migrateCatalogue } from '#schema/catalogue';
import {
  Backup,
  Download,
  DownloadFile,
  DownloadMail,
  Environment,
  Member,
  Project,
  User,
} from '#schema/entities';
import { mailOnce } from '../../../workflows/activities/mail/mailOnce.js';
import type { MailTools } from '../../../workflows/activities/mail/mailTools.js';
import { MailWaits } from '../../../workflows/engines/mail/sendOnce.js';
import { until } from '../../support/until.js';
import { startPostgres, type PostgresServer } from './postgresServer.js';
import { playMailServer, startMailServer } from './mailTestServer.js';

let server: PostgresServer;
let catalogue: DataSource;
let mailId: string;
let downloadId: string;
let user: User;
const stops: Array<() => Promise<void>> = [];
const never = new AbortController().signal;

beforeAll(async () => {
  server = await startPostgres();
  await server.query('CREATE DATABASE catalogue');
  const { port, user: name, password } = server.address();
  const databaseUrl = `postgres://${name}:${encodeURIComponent(password)}@127.0.0.1:${port}/catalogue`;
  await migrateCatalogue(databaseUrl);
  catalogue = describeCatalogue({ databaseUrl, applicationName: 'test', poolSize: 4 });
  await catalogue.initialize();
});
afterAll(async () => {
  await catalogue.destroy();
  await server.stop();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A download that is ready, and the mail to its operator. */
beforeEach(async () => {
  const slug = `shop-${randomUUID().slice(0, 8)}`;
  const projectId = await insert(Project, { slug, name: 'Corner <Shop>' });
  const environmentId = await insert(Environment, { projectId, slug: 'live', name: 'Main', stage: 'LIVE' });
  const userId = await insert(User, { name: 'Ada', email: `${slug}@example.org` });
  user = await catalogue.getRepository(User).findOneByOrFail({ id: userId });
  await catalogue.getRepository(Member).insert({ projectId, userId, role: 'OPERATOR' });
  const sourceBackupId = await insert(Backup, {
    projectId,
    environmentId,
    kind: 'ON_DEMAND',
    contents: ['DATABASE', 'MEDIA'],
    status: 'SUCCEEDED',
    note: 'Before the launch',
    gitCommit: 'a'.repeat(40),
    takenAt: new Date('2026-11-22T22:02:53Z'),
    totalSize: 10,
  });
  downloadId = await insert(Download, {
    projectId,
    environmentId,
    sourceBackupId,
    sourceDescription: 'shop/live',
    contents: ['DATABASE', 'MEDIA'],
    status: 'SUCCEEDED',
    expiresAt: new Date(Date.now() + 86_400_000),
  });
  for (const [name, content] of [
    ['shop-live-20261122T220253Z.media.tar', 'MEDIA'],
    ['shop-live-20261122T220253Z.dump', 'DATABASE'],
  ] as const) {
    await catalogue
      .getRepository(DownloadFile)
      .insert({ downloadId, name, content, size: 78_217_216, sha256: 'b'.repeat(64), storageKey: 'v1/x' });
  }
  mailId = await insert(DownloadMail, { downloadId, userId });
});

async function insert(entity: new () => { id: string }, values: object): Promise<string> {
  const { identifiers } = await catalogue.getRepository(entity).insert(values);
  return String(identifiers[0]?.['id']);
}

function tools(smtpPort: number | null, openLinks = false): MailTools {
  return {
    catalogue,
    publicUrl: 'https://backups.example.org',
    log: pino({ level: 'silent' }),
    mail: {
      smtpUrl: smtpPort === null ? null : `smtp://127.0.0.1:${smtpPort}`,
      from: 'Holdfast <holdfast@example.org>',
      openLinks: openLinks ? createFileLinks(Buffer.alloc(32, 7).toString('base64')) : null,
    },
  };
}

function kept<Server extends { stop(): Promise<void> }>(started: Server): Server {
  stops.push(() => started.stop());
  return started;
}

const row = () => catalogue.getRepository(DownloadMail).findOneByOrFail({ id: mailId });
const send = (smtpPort: number | null) => mailOnce(tools(smtpPort), mailId, never);

describe('the mail about a download', () => {
  it('goes once, however often it is tried', async () => {
    const smtp = kept(await startMailServer());
    expect(await send(smtp.port)).toEqual({ state: 'SENT', problem: null });
    expect(await send(smtp.port)).toEqual({ state: 'SENT', problem: null });
    expect(smtp.recipients).toEqual([user.email]);
    const { state, handedAt, sentAt, createdAt } = await row();
    expect([state, handedAt === null, sentAt === null]).toEqual(['SENT', false, false]);
    const mail = await simpleParser(smtp.messages[0] ?? '');
    expect(mail.messageId).toBe(`<${mailId}@backups.example.org>`);
    // When it was sent, in whole seconds, not when it was asked for.
    expect(mail.date?.getTime()).toBeGreaterThanOrEqual(Math.floor(createdAt.getTime() / 1000) * 1000);
    expect(mail.date?.getTime()).toBeLessThanOrEqual(Date.now());
    expect(mail.subject).toBe('Download ready: Corner <Shop> / Main, 22 Nov 2026 22:02 UTC');
    const at = `https://backups.example.org/files/${downloadId}/shop-live-20261122T220253Z`;
    for (const part of [mail.text, String(mail.html)]) {
      expect(part).toContain(`${at}.dump`);
      expect(part).toContain(`${at}.media.tar`);
      expect(part).not.toContain('?key=');
    }
    expect(mail.text?.indexOf(`${at}.dump`)).toBeLessThan(mail.text?.indexOf(`${at}.media.tar`) ?? -1);
  });

  it('goes once when two workers send it at the same time', async () => {
    const smtp = kept(await startMailServer());
    const both = await Promise.allSettled([send(smtp.port), send(smtp.port)]);
    expect(smtp.messages).toHaveLength(1);
    expect(both.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect(await send(smtp.port)).toEqual({ state: 'SENT', problem: null });
    expect(smtp.messages).toHaveLength(1);
  });

  it('carries links that work by themselves only where those are on', async () => {
    const smtp = kept(await startMailServer());
    const open = tools(smtp.port, true);
    await mailOnce(open, mailId, never);
    const { text = '' } = await simpleParser(smtp.messages[0] ?? '');
    const [, name = '', key = ''] = /\/files\/[\w-]+\/(\S+\.dump)\?key=(\S+)/.exec(text) ?? [];
    const { expiresAt } = await catalogue.getRepository(Download).findOneByOrFail({ id: downloadId });
    expect(open.mail.openLinks?.read(key)).toEqual({
      downloadId,
      name,
      untilMs: expiresAt?.getTime(),
      minted: null,
    });
    expect(text).toContain('Whoever has the links can have the files');
  });

  it('is not sent again where it may have arrived', async () => {
    const dropping = kept(await playMailServer({ END: null }));
    expect((await send(dropping.port)).state).toBe('UNCERTAIN');
    const smtp = kept(await startMailServer());
    expect((await send(smtp.port)).state).toBe('UNCERTAIN');
    expect(smtp.messages).toHaveLength(0);
    expect(await row()).toMatchObject({ state: 'UNCERTAIN', sentAt: null });
  });

  it('is uncertain where its worker died after handing it over', async () => {
    // What a kill -9 between the last byte and the answer leaves: handed over, nothing more known.
    await catalogue.getRepository(DownloadMail).update(mailId, { handedAt: new Date() });
    const smtp = kept(await startMailServer());
    const { state, problem } = await send(smtp.port);
    expect(state).toBe('UNCERTAIN');
    expect(problem).toContain('is not sent again');
    expect(smtp.recipients).toEqual([]);
  });

  it('waits while the server does not take it, says why, and goes then', async () => {
    const away = await startMailServer();
    await away.stop();
    await expect(send(away.port)).rejects.toThrow(MailWaits);
    expect(await row()).toMatchObject({
      state: 'PENDING',
      handedAt: null,
      problem: 'The mail server takes no connections (ECONNREFUSED).',
    });
    const busy = kept(await playMailServer({ END: '451 scanner down' }));
    await expect(send(busy.port)).rejects.toThrow('451 scanner down');
    // It said no after the last byte: that is certain, so it is no hand-over.
    expect(await row()).toMatchObject({ state: 'PENDING', handedAt: null });
    const back = kept(await startMailServer());
    expect(await send(back.port)).toEqual({ state: 'SENT', problem: null });
    expect(await row()).toMatchObject({ state: 'SENT', problem: null });
  });

  it('is given up where the server refuses it for good, and can be tried anew', async () => {
    const refusing = kept(await playMailServer({ END: '554 5.7.1 spam' }));
    expect(await send(refusing.port)).toEqual({
      state: 'FAILED',
      problem: 'The mail server refused the mail: “554 5.7.1 spam”.',
    });
    expect(await row()).toMatchObject({ state: 'FAILED', handedAt: null });
    const smtp = kept(await startMailServer());
    expect((await send(smtp.port)).state).toBe('SENT');
  });

  it('needs a mail server', async () => {
    expect(await send(null)).toEqual({ state: 'FAILED', problem: 'No mail server is set (SMTP_URL).' });
  });

  it('goes only to who may download now, and only while the download lives', async () => {
    const smtp = kept(await startMailServer());
    const downloads = catalogue.getRepository(Download);
    const members = catalogue.getRepository(Member);
    const problems: Array<string | null> = [];
    const attempt = async () => problems.push((await send(smtp.port)).problem);
    await downloads.update(downloadId, { expiresAt: new Date(Date.now() - 1000) });
    await attempt();
    await downloads.update(downloadId, { expiresAt: new Date(Date.now() + 60_000), revokedAt: new Date() });
    await attempt();
    await downloads.update(downloadId, { revokedAt: null });
    await members.update({ userId: user.id }, { role: 'VIEWER' });
    await attempt();
    await members.delete({ userId: user.id });
    await attempt();
    expect(problems).toEqual([
      'The download expired before the mail was sent.',
      'The download was revoked before the mail was sent.',
      'This person may not download from the project any more.',
      'This person may not download from the project any more.',
    ]);
    await catalogue.getRepository(DownloadMail).delete(mailId);
    expect(await send(smtp.port)).toEqual({ state: null, problem: null });
    expect(smtp.recipients).toEqual([]);
  });

  it('does not go where the download is revoked while it is being handed over', async () => {
    let revoked = () => {};
    const smtp = kept(
      await playMailServer({}, { DATA: new Promise<void>((resolve) => (revoked = resolve)) }),
    );
    const sending = send(smtp.port);
    sending.catch(() => undefined);
    await until('the server was asked', 20_000, async () => smtp.heard().includes('DATA'));
    await catalogue.getRepository(Download).update(downloadId, { revokedAt: new Date() });
    revoked();
    await expect(sending).rejects.toThrow(MailWaits);
    expect(smtp.heard()).not.toContain('\r\n.\r\n');
    expect(await row()).toMatchObject({ handedAt: null });
    expect((await send(smtp.port)).state).toBe('FAILED');
  });

  it('stays sent where the record of it comes late', async () => {
    let free = () => {};
    const smtp = kept(await playMailServer({}, { END: new Promise<void>((resolve) => (free = resolve)) }));
    const first = send(smtp.port);
    await until('it is handed over', 20_000, async () => (await row()).handedAt);
    // Another attempt, which thinks that the first one is dead.
    expect((await send(smtp.port)).state).toBe('UNCERTAIN');
    free();
    expect((await first).state).toBe('SENT');
    expect(await row()).toMatchObject({ state: 'SENT', problem: null });
  });
});
