import { createTransport, type Transporter } from 'nodemailer';
import type { User } from '#schema/entities';

/** Mails sign-in links. */
export class LinkMailer {
  private readonly transport: Transporter;

  constructor(
    smtpUrl: string,
    private readonly from: string,
  ) {
    this.transport = createTransport(smtpUrl);
  }

  /** Sends a person the link that signs them in once within the given minutes. */
  async send(user: User, link: string, minutes: number): Promise<void> {
    await this.transport.sendMail({
      from: this.from,
      to: user.email,
      subject: 'Your sign-in link for Holdfast',
      text: [
        `Hello ${user.name},`,
        '',
        `open this link to sign in to Holdfast. It works once, within ${minutes} minutes:`,
        '',
        link,
        '',
        'If you did not ask for it, do nothing: without the link nobody gets in.',
        '',
      ].join('\n'),
    });
  }
}
