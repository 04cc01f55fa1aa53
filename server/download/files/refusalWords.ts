import type { PageWords } from './plainPage.js';

/** Everything that is said in place of a file. Links are made from the configured address. */
export const refusalWords = {
  signIn: (publicUrl: string): PageWords => ({
    title: 'Sign in first',
    says: [
      'This address works for people who are signed in, and for programs that send an API token as “Authorization: Bearer …”.',
      'An address that was made for 15 minutes has to be asked for again when they are over.',
    ],
    link: { href: `${publicUrl}/sign-in`, words: 'Sign in to Holdfast' },
  }),
  absent: (publicUrl: string): PageWords => ({
    title: 'There is no such file, or you may not have it',
    says: [
      'Files can be downloaded by operators and administrators of their project.',
      'If somebody sent you this link, ask an administrator of the project to make you an operator, or sign in with another account. If you typed it, compare it with the mail.',
    ],
    link: { href: `${publicUrl}/`, words: 'Open Holdfast' },
  }),
  ended: (publicUrl: string, ended: 'expired' | 'revoked', slug: string | null): PageWords => ({
    title: ended === 'expired' ? 'This download has expired' : 'This download was revoked',
    says: [
      ended === 'expired'
        ? 'Its files are kept for some days only. The backup may still be there.'
        : 'Somebody of the project took its files back before their time.',
      'On the page Downloads of the project it can be prepared anew.',
    ],
    ...(slug && { link: { href: `${publicUrl}/projects/${slug}/downloads`, words: 'Open the downloads' } }),
  }),
  missing: (publicUrl: string): PageWords => ({
    title: 'The file is not where it was put',
    says: [
      'The operator of this Holdfast finds the reason in the log. Revoke the download, then make it anew.',
    ],
    link: { href: `${publicUrl}/`, words: 'Open Holdfast' },
  }),
  away: (): PageWords => ({
    title: 'The file cannot be had right now',
    says: ['The storage or the catalogue does not answer. Try again in a moment.'],
  }),
  tooMany: (): PageWords => ({
    title: 'Too many addresses that do not work',
    says: ['Wait a minute, then try again. Links that work are not affected.'],
  }),
};
