import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startLocalInbox } from '../../../server/local/mail.js';
import { freePort } from '../../../server/local/ports.js';
import { until } from '../../support/until.js';
import { playMailServer, selfSigned, startMailServer } from './mailTestServer.js';

let folder: string;
let script: string;
const stops: Array<() => Promise<void>> = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-mail-child-'));
  script = path.join(folder, 'child.mjs');
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: fileURLToPath(new URL('./mailChild.ts', import.meta.url)),
      outDir: folder,
      emptyOutDir: false,
      rollupOptions: { output: { entryFileNames: 'child.mjs' } },
    },
  });
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A process that sends one mail, and what it says meanwhile. */
function sender(smtpUrl: string, { hold = false, env = {} as Record<string, string> } = {}) {
  const child: ChildProcess = spawn(process.execPath, [script, smtpUrl, hold ? 'hold' : 'no'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  stops.push(async () => void child.kill('SIGKILL'));
  const gone = once(child, 'close');
  return {
    said: () => said,
    says: (words: string) => until(`the sender says ${words}`, 60_000, async () => said.includes(words)),
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    end: async () => {
      await gone;
      return said.trim().split('\n').at(-1);
    },
  };
}

describe('kill -9 of a process that sends a mail', () => {
  it('before the last byte: nothing has arrived, here or in the local inbox', async () => {
    const server = await startMailServer();
    stops.push(server.stop);
    const first = sender(`smtp://127.0.0.1:${server.port}`, { hold: true });
    await first.says('asked');
    await first.kill();
    expect(await sender(`smtp://127.0.0.1:${server.port}`).end()).toBe('sent');
    expect(server.messages).toHaveLength(1);

    const mails = await mkdtemp(path.join(folder, 'inbox-'));
    const smtp = await freePort();
    const inbox = await startLocalInbox(mails, { smtp, inbox: await freePort(new Set([smtp])) });
    stops.push(inbox.stop);
    const second = sender(inbox.smtpUrl, { hold: true });
    await second.says('asked');
    await second.kill();
    expect(await sender(inbox.smtpUrl).end()).toBe('sent');
    const kept = (await readdir(mails)).filter((name) => name.endsWith('.eml'));
    expect(kept).toHaveLength(1);
  });

  it('after the last byte, before the answer: exactly one has arrived', async () => {
    let come = () => {};
    const came = new Promise<void>((resolve) => (come = resolve));
    const server = await startMailServer({
      answer: () => {
        come();
        return new Promise(() => undefined);
      },
    });
    stops.push(server.stop);
    const sending = sender(`smtp://127.0.0.1:${server.port}`);
    await came;
    await sending.kill();
    expect(sending.said().trim()).toBe('asked');
    expect(server.messages).toHaveLength(1);
  });
});

describe('encryption and sign-in', () => {
  it('uses STARTTLS where it is offered, with a certificate that the operator trusts', async () => {
    const { key, cert, certFile } = selfSigned(await mkdtemp(path.join(folder, 'tls-')));
    let encrypted = 0;
    const server = await startMailServer({
      key,
      cert,
      onMailFrom(_address, session, done) {
        if (session.secure) encrypted += 1;
        done();
      },
    });
    stops.push(server.stop);
    const url = `smtp://127.0.0.1:${server.port}`;
    expect(await sender(url).end()).toContain('The connection to the mail server could not be encrypted: ');
    expect(server.messages).toHaveLength(0);
    expect(await sender(url, { env: { NODE_EXTRA_CA_CERTS: certFile } }).end()).toBe('sent');
    expect(encrypted).toBe(1);
    expect(server.messages).toHaveLength(1);
  });

  it('can be told never to go without it', async () => {
    const server = await playMailServer();
    stops.push(server.stop);
    const url = `smtp://user:secret@127.0.0.1:${server.port}?requireTLS=true`;
    expect(await sender(url).end()).toContain('MailWaits');
    expect(server.heard()).not.toContain('AUTH');
    expect(server.heard()).not.toContain('MAIL');
  });

  it('speaks TLS from the start at smtps://', async () => {
    const { key, cert, certFile } = selfSigned(await mkdtemp(path.join(folder, 'tls-')));
    const server = await startMailServer({ key, cert, secure: true });
    stops.push(server.stop);
    const url = `smtps://127.0.0.1:${server.port}`;
    expect(await sender(url).end()).toContain('could not be encrypted');
    expect(await sender(url, { env: { NODE_EXTRA_CA_CERTS: certFile } }).end()).toBe('sent');
  });

  it('signs in with what the address says, and repeats no password where that fails', async () => {
    const server = await startMailServer({
      authOptional: false,
      onAuth({ username, password }, _session, done) {
        if (username === 'mailer@example.org' && password === 'p@ss word/1') done(null, { user: username });
        else done(new Error(`no such password: ${password}`));
      },
    });
    stops.push(server.stop);
    const at = (pass: string) =>
      `smtp://mailer%40example.org:${encodeURIComponent(pass)}@127.0.0.1:${server.port}`;
    expect(await sender(at('p@ss word/1')).end()).toBe('sent');
    const wrong = await sender(at('wr0ng secret')).end();
    expect(wrong).toContain('does not take the user and password of SMTP_URL');
    expect(wrong).toContain('no such password: …');
    expect(wrong).not.toContain('wr0ng');
    expect(await sender(`smtp://127.0.0.1:${server.port}`).end()).toContain('530');
    expect(server.messages).toHaveLength(1);
  });
});
