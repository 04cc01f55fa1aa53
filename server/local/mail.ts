import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SMTPServer } from 'smtp-server';
import { mailPage } from './mailPage.js';
import { oneLine } from './refusal.js';
import { sayNow } from './say.js';

const SIZE_LIMIT = 25 * 1024 * 1024;

/** The local inbox: what Holdfast mails lands in a folder, and a page shows it. */
export interface LocalInbox {
  smtpUrl: string;
  page: string;
  stop(): Promise<void>;
}

/**
 * Starts the local inbox on loopback. Every accepted message is a whole `<UTC time>-<n>.eml` in `folder` before the
 * sender is told so.
 */
export async function startLocalInbox(
  folder: string,
  ports: { smtp: number; inbox: number },
): Promise<LocalInbox> {
  const smtp = smtpServer(folder);
  await new Promise<void>((resolve, reject) => {
    smtp.on('error', reject);
    smtp.listen(ports.smtp, '127.0.0.1', resolve);
  });
  smtp.removeAllListeners('error');
  // One sender's broken connection is that sender's affair.
  smtp.on('error', (error) => sayNow(`The local inbox had a problem: ${oneLine(error)}.`));
  const page = mailPage(folder, ports.inbox);
  await new Promise<void>((resolve, reject) => {
    page.once('error', reject);
    page.listen(ports.inbox, '127.0.0.1', resolve);
  });
  return {
    smtpUrl: `smtp://127.0.0.1:${ports.smtp}`,
    page: `http://127.0.0.1:${ports.inbox}`,
    stop: async () => {
      await Promise.all([closeSmtp(smtp), closePage(page)]);
    },
  };
}

function smtpServer(folder: string): SMTPServer {
  let count = 0;
  return new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: SIZE_LIMIT,
    closeTimeout: 2_000,
    onData(stream, _session, done) {
      count += 1;
      const name = `${new Date().toISOString().replaceAll(':', '-')}-${count}.eml`;
      keepMessage(stream, path.join(folder, name), () => stream.sizeExceeded).then(
        () => done(null),
        (error: unknown) => done(new Error(oneLine(error))),
      );
    },
  });
}

async function keepMessage(stream: Readable, file: string, isTooBig: () => boolean): Promise<void> {
  const unfinished = `${file}.unfinished`;
  try {
    await pipeline(stream, createWriteStream(unfinished, { mode: 0o600, flags: 'wx' }));
    if (isTooBig()) throw new Error('The message is larger than 25 MB');
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

function closeSmtp(smtp: SMTPServer): Promise<void> {
  return new Promise((resolve) => smtp.close(() => resolve()));
}

function closePage(page: Server): Promise<void> {
  return new Promise((resolve) => {
    page.close(() => resolve());
    page.closeAllConnections();
  });
}
