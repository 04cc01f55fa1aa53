import { randomBytes } from 'node:crypto';

/** A link that is mailed, used by a press on its page; and the start-up banner’s, used by opening it. */
export type LinkKind = 'hfl_' | 'hfb_';

/** A fresh secret of 256 random bits, behind a prefix that scanners of leaked secrets can find. */
export function newSecret(prefix: 'hf_' | 'hfs_' | LinkKind): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}
