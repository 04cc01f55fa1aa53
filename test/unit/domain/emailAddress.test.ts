import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emailProblem, nameFromEmail, nameProblem, toEmail } from '#schema/domain';

const long = `${'a'.repeat(64)}@${`${'b'.repeat(61)}.`.repeat(3)}`;

describe('an address', () => {
  it.each([
    'anna@example.org',
    'Anna.Smith+shop@Example.ORG',
    ' anna@example.org ',
    'admin@localhost',
    "o'neil/sales=x@mail.example.co.uk",
    'a@xn--mller-kva.de',
    '_@a.b',
    `${long}org`,
  ])('may be %j', (text) => {
    expect(emailProblem(text)).toBeNull();
  });

  it.each([
    ['', 'Give an e-mail address'],
    ['   ', 'Give an e-mail address'],
    ['anna', 'Give a whole'],
    ['anna@', 'Give a whole'],
    ['@example.org', 'Give a whole'],
    ['anna@@example.org', 'Give a whole'],
    ['anna.@example.org', 'Give a whole'],
    ['.anna@example.org', 'Give a whole'],
    ['an..na@example.org', 'Give a whole'],
    ['anna@-example.org', 'Give a whole'],
    ['anna@example-.org', 'Give a whole'],
    ['anna@example..org', 'Give a whole'],
    ['anna@[127.0.0.1]', 'Give a whole'],
    [`${'a'.repeat(65)}@example.org`, 'Give a whole'],
    [`${long}${'c'.repeat(10)}`, 'at most 254'],
    ['Anna <anna@example.org>', 'alone'],
    ['"Anna" anna@example.org', 'alone'],
    ['anna@example.org, bob@example.org', 'alone'],
    ['anna@example.org;bob@example.org', 'alone'],
    ['anna bob@example.org', 'alone'],
    ['anna@example.org\nBcc: bob@example.org', 'line breaks'],
    ['anna@example.org\n', 'line breaks'],
    ['anna@example.org\r\n\r\nHello', 'line breaks'],
    ['an\0na@example.org', 'line breaks'],
    ['anna@exa\u007fmple.org', 'line breaks'],
    ['ännä@example.org', 'plain letters'],
    ['anna@müller.de', 'xn--'],
    ['anna@example.org\u202e', 'plain letters'],
    // The sign for kelvin, whose lower case is a plain k.
    ['\u212aate@example.org', 'plain letters'],
  ])('may not be %j: %s', (text, reason) => {
    expect(emailProblem(text)).toContain(reason);
  });

  it('that passes is one plain word in whatever header it is put', () => {
    const close = fc.string({ unit: fc.constantFrom(...'ab.@<>,;: "\r\n\t\0éK-_+()[]\\') });
    fc.assert(
      fc.property(fc.oneof(fc.string(), close, fc.emailAddress()), (text) => {
        if (emailProblem(text) !== null) return;
        expect(toEmail(text)).toMatch(/^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9.-]+$/);
      }),
    );
  });

  it('is decided on at once, however long', () => {
    const started = performance.now();
    for (const text of ['a.'.repeat(500_000), `a@${'b.'.repeat(500_000)}`, '@'.repeat(1_000_000)])
      expect(emailProblem(text)).not.toBeNull();
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('is kept in lower case', () => {
    expect(toEmail(' Anna@Example.ORG ')).toBe('anna@example.org');
  });
});

describe('the name of somebody who has not said how they are called', () => {
  it.each([
    ['anna@example.org', 'Anna'],
    ['anna.smith@example.org', 'Anna Smith'],
    ['anna_smith-jones+shop@example.org', 'Anna Smith Jones'],
    ['+shop@example.org', '+shop'],
    ['___@example.org', '___'],
  ])('%s is called %s', (address, name) => {
    expect(nameFromEmail(address)).toBe(name);
  });

  it('is one that a person could give themselves', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (text) => {
        if (emailProblem(text) === null) expect(nameProblem(nameFromEmail(toEmail(text)))).toBeNull();
      }),
    );
  });
});
