import MailComposer from 'nodemailer/lib/mail-composer';

/** A mail as it is to be read. */
export interface MailWords {
  /** E.g. `Holdfast <holdfast@example.org>`. */
  from: string;
  /** One plain address. */
  to: string;
  subject: string;
  text: string;
  html: string;
  /** With its angle brackets. */
  messageId: string;
  date: Date;
}

/** A mail as it goes over the wire. */
export interface ComposedMail {
  from: string;
  to: string;
  bytes: Buffer;
}

/** Puts a mail into its wire form. No part of it can become a header of its own. */
export async function composeMail({
  from,
  to,
  subject,
  messageId,
  ...words
}: MailWords): Promise<ComposedMail> {
  const node = new MailComposer({
    ...words,
    from: inOneLine(from),
    // As an object it is taken as one address, whatever is in it.
    to: { name: '', address: to },
    subject: inOneLine(subject),
    messageId: inOneLine(messageId),
    // So that no holiday notice answers it.
    headers: { 'Auto-Submitted': 'auto-generated' },
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  const envelope = node.getEnvelope();
  const bytes = await node.build();
  return { from: envelope.from || '', to: envelope.to[0] ?? '', bytes };
}

function inOneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
