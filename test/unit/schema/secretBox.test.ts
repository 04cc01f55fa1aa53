import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretBox, databaseUrlPlace, hashSecret } from '#schema/catalogue';

const newKey = () => randomBytes(32).toString('base64');
const box = createSecretBox(newKey());
const place = databaseUrlPlace('e1');
const secret = 'postgres://u:hunter2@h/d';

describe('a sealed secret', () => {
  it('opens as it was, whatever it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (text, about) => {
        expect(box.open(box.seal(text, about), about)).toBe(text);
      }),
    );
  });

  it('may be empty or long', () => {
    for (const text of ['', 'x'.repeat(1_000_000)]) expect(box.open(box.seal(text, place), place)).toBe(text);
  });

  it('opens with the same key in another process', () => {
    const key = newKey();
    expect(createSecretBox(key).open(createSecretBox(key).seal(secret, place), place)).toBe(secret);
  });

  it('shows nothing of what it holds', () => {
    const sealed = box.seal(secret, place);
    expect(sealed).not.toContain('hunter2');
    expect(Buffer.from(sealed.split('.')[3] ?? '', 'base64').includes('hunter2')).toBe(false);
  });

  it('looks different every time: each has a nonce of its own', () => {
    const nonces = Array.from({ length: 200 }, () => box.seal(secret, place).split('.')[1]);
    expect(new Set(nonces).size).toBe(200);
    expect(new Set(Array.from({ length: 200 }, () => box.seal(secret, place).split('.')[3])).size).toBe(200);
  });

  it('does not open in another place', () => {
    const sealed = box.seal(secret, place);
    expect(() => box.open(sealed, databaseUrlPlace('e2'))).toThrow();
    expect(() => box.open(sealed, '')).toThrow();
  });

  it('does not open with another key', () => {
    expect(() => createSecretBox(newKey()).open(box.seal(secret, place), place)).toThrow();
  });

  it.each([
    ['nonce', 1],
    ['tag', 2],
    ['body', 3],
  ])('does not open when one bit of its %s is turned', (_, part) => {
    const bytes = Buffer.from(box.seal(secret, place).split('.')[part] ?? '', 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const pieces = box.seal(secret, place).split('.');
      const turned = Buffer.from(pieces[part] ?? '', 'base64');
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      pieces[part] = turned.toString('base64');
      expect(() => box.open(pieces.join('.'), place)).toThrow();
    }
  });

  it('does not open with the parts of another', () => {
    const one = box.seal('one', place).split('.');
    const two = box.seal('two', place).split('.');
    for (const part of [1, 2, 3]) {
      const mixed = one.map((piece, index) => (index === part ? two[index] : piece));
      expect(() => box.open(mixed.join('.'), place)).toThrow();
    }
  });

  it('does not open when cut short', () => {
    const sealed = box.seal(secret, place);
    const [mark, nonce, tag, body] = sealed.split('.');
    const shorter = Buffer.from(body ?? '', 'base64')
      .subarray(1)
      .toString('base64');
    expect(() => box.open([mark, nonce, tag, shorter].join('.'), place)).toThrow();
    expect(() => box.open([mark, nonce, tag, ''].join('.'), place)).toThrow();
  });

  it.each(['', 'v1', 'v1.', 'v1...', 'v1.a.b', 'v2.a.b.c', secret])(
    'is told from what is none: %j',
    (text) => {
      expect(() => box.open(text, place)).toThrow('A sealed secret is malformed.');
    },
  );

  it.each([secret, `v1.${secret}`, `v1.a.b.${secret}`])('is never quoted in an error: %s', (text) => {
    let said = '';
    try {
      box.open(text, place);
    } catch (error: unknown) {
      said = String(error);
    }
    expect(said).not.toBe('');
    expect(said).not.toContain('hunter2');
  });
});

describe('a secret key', () => {
  it.each([0, 16, 31, 33, 64])('of %d bytes is refused without being quoted', (length) => {
    const key = Buffer.alloc(length, 'hunter2').toString('base64');
    expect(() => createSecretBox(key)).toThrow(/^HOLDFAST_SECRET_KEY must be 32 bytes in base64\.$/);
  });
});

describe('what is kept of a token', () => {
  it('is its SHA-256 alone', () => {
    expect(hashSecret('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hashSecret('abc')).not.toBe(hashSecret('abd'));
  });
});
