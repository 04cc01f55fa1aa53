import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createFileLinks, type FileLink } from '#schema/catalogue';

const links = createFileLinks(randomBytes(32).toString('base64'));
const link: FileLink = {
  downloadId: '7d3c0d5e-0000-4000-8000-000000000000',
  name: 'shop-live-20261122T220253Z.dump',
  untilMs: Date.UTC(2026, 10, 29),
  minted: { userId: 'u', by: 'token', credentialId: 't' },
};

describe('a signed address', () => {
  it('says what was signed', () => {
    expect(links.read(links.sign(link))).toEqual(link);
    expect(links.read(links.sign({ ...link, minted: null }))).toEqual({ ...link, minted: null });
  });

  it('can be recognised by scanners of leaked secrets, and stands in an address as it is', () => {
    expect(links.sign(link)).toMatch(/^hfd_[\w-]+\.[\w-]{43}$/);
  });

  it('is worth nothing once a character of it is another', () => {
    const signed = links.sign(link);
    for (let at = 0; at < signed.length; at += 1) {
      const other = signed[at] === 'A' ? 'B' : 'A';
      const changed = `${signed.slice(0, at)}${other}${signed.slice(at + 1)}`;
      const read = links.read(changed);
      // The last characters of base64url hold bits that mean nothing.
      if (read !== null) expect(read).toEqual(link);
    }
    expect(links.read(`${signed}A`)).toBe(null);
    expect(links.read(signed.slice(0, -1))).toBe(null);
  });

  it.each([
    '',
    'hfd_',
    'hfd_.',
    `hfd_${'A'.repeat(3000)}.${'A'.repeat(43)}`,
    'hfd_e30.e30',
    '../../etc/passwd',
  ])('is not %s', (text) => expect(links.read(text)).toBe(null));

  it('is worth nothing under another key, and under the key itself used for something else', () => {
    const other = createFileLinks(randomBytes(32).toString('base64'));
    expect(other.read(links.sign(link))).toBe(null);
  });
});
