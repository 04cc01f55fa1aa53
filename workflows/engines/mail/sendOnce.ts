import { once } from 'node:events';
import { composeMail, type MailWords } from './composeMail.js';
import { HeldMessage } from './heldMessage.js';
import { mailServerAt, usualPatience, type MailPatience, type MailServer } from './mailServer.js';
import { readServerAnswer } from './serverAnswer.js';

/** A mail, and how it is handed over. */
export interface MailToSend extends MailWords {
  /** `smtp://[user:password@]host[:port]` or `smtps://…`. */
  smtpUrl: string;
  /**
   * Called once, when all but the end of the message is with the server: until it resolves the mail cannot have
   * arrived. Where it throws, the mail is not sent.
   */
  beforeLastByte: () => Promise<void>;
  /** Gives up; once the last byte was let go only the server’s answer counts. */
  signal: AbortSignal;
  patience?: MailPatience;
}

/**
 * How a hand-over ended. `refused`: it has certainly not arrived, and never will. `uncertain`: the last byte went, the
 * answer never came. `why` is one sentence without secrets.
 */
export type HandOver = { ended: 'sent' } | { ended: 'refused' | 'uncertain'; why: string };

/** Thrown where a mail was not sent for a reason that may pass; one sentence without secrets. It has certainly not arrived. */
export class MailWaits extends Error {
  override readonly name = 'MailWaits';
}

/**
 * Hands one mail to the mail server, at most once: it never tries again by itself. Throws `MailWaits`, or what
 * `beforeLastByte` threw; whatever it throws, the mail has not arrived.
 */
export async function sendOnce(mail: MailToSend): Promise<HandOver> {
  const { smtpUrl, beforeLastByte, signal, patience = usualPatience } = mail;
  if (signal.aborted) throw new MailWaits('Sending was stopped.');
  const server = openServer(smtpUrl, patience);
  const composed = await composeMail(mail);
  const message = new HeldMessage(composed.bytes, beforeLastByte);
  const envelope = { from: composed.from, to: [composed.to], size: composed.bytes.length };
  let problem: unknown = null;
  try {
    await handOver(server, envelope, message, { signal, takeMs: patience.takeMs });
  } catch (error: unknown) {
    problem = error ?? new Error('The connection ended');
  }
  message.destroy();
  await message.settled();
  leave(server, problem === null);

  if (message.refusal !== null) throw message.refusal;
  if (problem === null && message.released) return { ended: 'sent' };
  if (problem === null) throw new MailWaits('The mail server answered before it had the whole mail.');
  if (problem instanceof MailWaits) throw problem;
  const { isAnswer, forGood, words } = readServerAnswer(problem, secretsOf(server));
  if (message.released && !(isAnswer && isAnswerToMessage(problem)))
    return { ended: 'uncertain', why: words };
  if (forGood) return { ended: 'refused', why: words };
  throw new MailWaits(words);
}

function openServer(smtpUrl: string, patience: MailPatience): MailServer {
  try {
    return mailServerAt(smtpUrl, patience);
  } catch (error: unknown) {
    throw new MailWaits(`${error instanceof Error ? error.message : String(error)}.`);
  }
}

interface Envelope {
  from: string;
  to: string[];
  size: number;
}

/** Resolves once the server has taken the message; rejects with whatever came instead. */
async function handOver(
  { connection, credentials }: MailServer,
  envelope: Envelope,
  message: HeldMessage,
  { signal, takeMs }: { signal: AbortSignal; takeMs: number },
): Promise<void> {
  const giveUp = new AbortController();
  // The answer to the end of the message is waited for: nobody could tell later whether it came.
  const onAbort = () => message.released || giveUp.abort(new MailWaits('Sending was stopped.'));
  const onLate = () =>
    message.released || giveUp.abort(new MailWaits('The mail server did not answer in time.'));
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(onLate, takeMs);
  try {
    await Promise.race([
      converse(),
      once(connection, 'end').then(() => Promise.reject(new Error('the server closed it'))),
      once(giveUp.signal, 'abort').then(() => Promise.reject(giveUp.signal.reason as Error)),
    ]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }

  async function converse(): Promise<void> {
    await answered((done) => connection.connect(done));
    if (credentials && connection.allowsAuth)
      await answered((done) => connection.login({ credentials }, done));
    await answered((done) => connection.send(envelope, message, done));
  }

  function answered(ask: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      connection.once('error', reject);
      ask((error) => {
        connection.removeListener('error', reject);
        if (error) reject(error);
        else resolve();
      });
    });
  }
}

/** Ends the connection: with a good-bye after a mail that went well, at once otherwise. */
function leave({ connection }: MailServer, isWell: boolean): void {
  // Whatever it says from here on changes nothing.
  connection.on('error', () => undefined);
  if (!isWell || connection.destroyed) {
    connection.close();
    return;
  }
  connection.quit();
  setTimeout(() => connection.close(), 2_000).unref();
}

/** Whether it is the server’s whole answer to the end of the message. */
function isAnswerToMessage(error: unknown): boolean {
  const { code, command } = error as { code?: string; command?: string };
  return code === 'EMESSAGE' && command === 'DATA';
}

function secretsOf({ credentials }: MailServer): string[] {
  if (!credentials) return [];
  const { user, pass } = credentials;
  return [pass, Buffer.from(pass).toString('base64'), Buffer.from(`\0${user}\0${pass}`).toString('base64')];
}
