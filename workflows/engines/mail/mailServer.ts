import { parseConnectionUrl } from 'nodemailer/lib/shared';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';

/** How long a mail server is waited for, in milliseconds. */
export interface MailPatience {
  /** For a connection, its encryption and its greeting. */
  connectMs: number;
  /** Until the whole of the message but its end has been taken. */
  takeMs: number;
  /** For the answer to the end of the message; servers look for viruses meanwhile. RFC 5321 asks for 10 minutes. */
  answerMs: number;
}

/** What is waited where nothing else is said. */
export const usualPatience: MailPatience = { connectMs: 15_000, takeMs: 120_000, answerMs: 600_000 };

/** A connection to a mail server that is not open yet. */
export interface MailServer {
  connection: SMTPConnection;
  credentials: { user: string; pass: string } | null;
}

/**
 * The mail server at `smtp://[user:password@]host[:port]` (STARTTLS where it is offered) or `smtps://…` (TLS from the
 * start). Throws where the address is none.
 */
export function mailServerAt(smtpUrl: string, patience: MailPatience): MailServer {
  if (!/^smtps?:\/\/[^/?#]/i.test(smtpUrl) || !URL.canParse(smtpUrl))
    throw new Error('SMTP_URL is no address such as smtp://host:port');
  const { auth, ...options } = parseConnectionUrl(smtpUrl);
  const connection = new SMTPConnection({
    ...(options as SMTPConnectionOptions),
    connectionTimeout: patience.connectMs,
    greetingTimeout: patience.connectMs,
    dnsTimeout: patience.connectMs,
    socketTimeout: patience.answerMs,
    // Whoever gives up on a server does not wait for its good-bye.
    socketCloseTimeout: 2_000,
    // Its log would hold the message, and with it links.
    logger: false,
    debug: false,
  });
  return { connection, credentials: auth ? { user: auth.user ?? '', pass: auth.pass ?? '' } : null };
}
