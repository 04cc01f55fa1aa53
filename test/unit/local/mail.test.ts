import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { createTransport, type Transporter } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLocalInbox, type LocalInbox } from '../../../server/local/mail.js';
import { linkify } from '../../../server/local/mailHtml.js';
import { MESSAGE_NAME } from '../../../server/local/mailSummaries.js';
import { freePort } from '../../../server/local/ports.js';

let folder: string;
let inbox: LocalInbox;
let transport: Transporter;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-mail-'));
  const smtp = await freePort();
  inbox = await startLocalInbox(folder, { smtp, inbox: await freePort(new Set([smtp])) });
  transport = createTransport(inbox.smtpUrl);
});
afterEach(async () => {
  transport.close();
  await inbox.stop();
  await rm(folder, { recursive: true, force: true });
});

const hostile = {
  from: 'Holdfast <holdfast@localhost>',
  to: '"<script>alert(1)</script>" <a@localhost>',
  subject: 'Über <b>bold</b> & "quotes"',
  text: 'Sign in: https://backups.example/sign-in/abc?x=1&y=2. <script>alert(2)</script>',
  html: '<p>Hello</p><script>alert(3)</script><img src="https://elsewhere.example/pixel.png">',
};

async function get(
  address: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    http
      .get(new URL(address, inbox.page), { headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      })
      .on('error', reject);
  });
}

describe('the local inbox', () => {
  it('keeps each message whole and lists the newest first', async () => {
    await transport.sendMail({ ...hostile, subject: 'first' });
    await transport.sendMail({ ...hostile, subject: 'second' });
    const names = await readdir(folder);
    expect(names).toHaveLength(2);
    for (const name of names) expect(name).toMatch(MESSAGE_NAME);
    const { body } = await get('/');
    expect(body.indexOf('second')).toBeGreaterThan(0);
    expect(body.indexOf('second')).toBeLessThan(body.indexOf('first'));
  });

  it('shows a hostile message as text, its HTML only in a frame that runs and loads nothing', async () => {
    await transport.sendMail(hostile);
    const [name = ''] = await readdir(folder);
    const shown = await get(`/messages/${name}`);
    expect(shown.body).not.toContain('<script');
    expect(shown.body).toContain('href="https://backups.example/sign-in/abc?x=1&amp;y=2"');
    expect(shown.body).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
    expect(shown.headers['content-security-policy']).toContain("default-src 'none'");
    expect((await get('/')).body).not.toContain('<b>bold');
    const frame = await get(`/messages/${name}/html`);
    expect(frame.headers['content-security-policy']).toMatch(
      /^sandbox allow-popups.*default-src 'none'; img-src data:/,
    );
    const source = await get(`/messages/${name}/source`);
    expect(source.headers['content-type']).toContain('text/plain');
    expect(source.body).toContain('Subject:');
  });

  it('answers only to its own names, and leaves its folder to nobody', async () => {
    expect((await get('/', { host: 'evil.example' })).status).toBe(421);
    for (const path of [
      '/messages/..%2f..%2fetc%2fpasswd',
      '/messages/x.eml',
      '/other',
      '//',
      '/messages/2026-1.eml',
    ]) {
      expect((await get(path.replace(/^\/\//, '/%2f'))).status).toBe(404);
    }
  });

  it('lists a damaged message and goes on', async () => {
    await writeFile(path.join(folder, '2026-01-01T00-00-00.000Z-1.eml'), Buffer.from([0, 255, 1, 2, 3]));
    expect((await get('/')).status).toBe(200);
  });

  it('refuses a message of more than 25 MB and keeps nothing of it', async () => {
    const attachments = [{ filename: 'large', content: Buffer.alloc(20 * 1024 * 1024) }];
    await expect(transport.sendMail({ ...hostile, attachments })).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('linkify', () => {
  it('leaves punctuation out of links and markup escaped', () => {
    expect(linkify('see (https://a.example/x), <i>')).toBe(
      'see (<a href="https://a.example/x" rel="noreferrer noopener">https://a.example/x</a>), &lt;i&gt;',
    );
  });
});
