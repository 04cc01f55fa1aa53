import type { User } from '#schema/entities';
import type { Mail } from './mailer.js';

/** The mail with the link that signs a person in once within the given minutes. */
export function signInMail(user: User, link: string, minutes: number): Mail {
  return {
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
  };
}
