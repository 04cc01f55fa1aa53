import { createTransport, type Transporter } from 'nodemailer';
import type { Logger } from 'pino';

const connectMs = 10_000;

/** A mail to one person, whose parts hold no line that a stranger could make a header of. */
export interface Mail {
  /** One plain address. */
  to: string;
  subject: string;
  text: string;
  html?: string;
}

/** Hands mails to the mail server. */
export class Mailer {
  private readonly transport: Transporter;

  constructor(
    smtpUrl: string,
    private readonly from: string,
    private readonly log: Logger,
  ) {
    this.transport = createTransport({
      url: smtpUrl,
      connectionTimeout: connectMs,
      greetingTimeout: connectMs,
      socketTimeout: 3 * connectMs,
    });
  }

  /** Hands a mail over; answers whether that worked. What went wrong is in the log, without the mail’s words. */
  async send({ to, ...words }: Mail): Promise<boolean> {
    try {
      // As an object it is taken as one address, whatever is in it.
      await this.transport.sendMail({ from: this.from, to: { name: '', address: to }, ...words });
      return true;
    } catch (error: unknown) {
      this.log.error({ error: String(error), subject: words.subject }, 'a mail could not be handed over');
      return false;
    }
  }
}
