import { randomBytes } from 'node:crypto';

/** A fresh secret of 256 random bits, behind a prefix that scanners of leaked secrets can find. */
export function newSecret(prefix: 'hf_' | 'hfs_' | 'hfl_'): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}
