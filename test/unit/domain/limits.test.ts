import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  longestName,
  longestNote,
  nameProblem,
  noteProblem,
  pageSize,
  slugProblem,
  toGitCommit,
} from '#schema/domain';

const anyCharacter = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
const hex = '0123456789abcdef';

describe('a slug', () => {
  it.each(['a', '1', 'shop', 'a-b', 'a--b', '0x', 'a'.repeat(63), `a${'-'.repeat(61)}b`])(
    'may be %s',
    (slug) => {
      expect(slugProblem(slug)).toBeNull();
    },
  );

  it.each([
    '',
    '-',
    '-a',
    'a-',
    'A',
    'Shop',
    'a_b',
    'a.b',
    'a/b',
    'a b',
    ' a',
    'a\n',
    '\na',
    'ä',
    'ſ',
    '１',
    '😀',
    'a\0',
    'a'.repeat(64),
  ])('may not be %j', (slug) => {
    expect(slugProblem(slug)).toMatch(/^Use 1 to 63 .*\.$/);
  });

  it('that passes can stand in an address as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 70 }), (text) => {
        if (slugProblem(text) === null) expect(encodeURIComponent(text)).toBe(text);
      }),
    );
  });
});

describe('a name', () => {
  it('may be a hundred characters long, blanks around it aside', () => {
    expect(nameProblem('x'.repeat(longestName))).toBeNull();
    expect(nameProblem(`  ${'x'.repeat(longestName)}\n`)).toBeNull();
    expect(nameProblem('x'.repeat(longestName + 1))).toBe('Use at most 100 characters.');
  });

  it('counts a picture as one character', () => {
    expect(nameProblem('😀'.repeat(longestName))).toBeNull();
    expect(nameProblem('😀'.repeat(longestName + 1))).toBe('Use at most 100 characters.');
  });

  it.each(['', ' ', '\t\n', '\u00a0\u2003'])('must say something: %j does not', (name) => {
    expect(nameProblem(name)).toBe('Give a name.');
  });
});

describe('a note', () => {
  it('may be empty, and five hundred characters long', () => {
    expect(noteProblem('')).toBeNull();
    expect(noteProblem('n'.repeat(longestNote))).toBeNull();
  });

  it('that is too long is told how long it is', () => {
    expect(noteProblem('n'.repeat(512))).toBe('Use at most 500 characters: this note has 512.');
  });

  it('counts a picture as one character', () => {
    expect(noteProblem('🗄'.repeat(longestNote))).toBeNull();
    expect(noteProblem('🗄'.repeat(longestNote + 1))).toBe('Use at most 500 characters: this note has 501.');
  });

  it('counts blanks: they are kept', () => {
    expect(noteProblem(' '.repeat(longestNote + 1))).toContain('501');
  });
});

describe('a commit', () => {
  const digits = (length: number) =>
    fc.string({ unit: fc.constantFrom(...hex), minLength: length, maxLength: length });

  it('of 40 or 64 hex digits is kept in lower case', () => {
    fc.assert(
      fc.property(fc.oneof(digits(40), digits(64)), (commit) => {
        expect(toGitCommit(commit)).toBe(commit);
        expect(toGitCommit(` ${commit.toUpperCase()}\n`)).toBe(commit);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['a branch', 'main'],
    ['a short hash', '99f2573'],
    ['39 digits', 'a'.repeat(39)],
    ['41 digits', 'a'.repeat(41)],
    ['63 digits', 'a'.repeat(63)],
    ['65 digits', 'a'.repeat(65)],
    ['a letter beyond f', `${'a'.repeat(39)}g`],
    ['a blank inside', `${'a'.repeat(20)} ${'a'.repeat(19)}`],
    ['two lines', `${'a'.repeat(40)}\n${'a'.repeat(40)}`],
  ])('is not %s', (_, text) => {
    expect(toGitCommit(text)).toBeNull();
  });
});

it('a page holds 20 unless asked, and at most 100', () => {
  expect(pageSize).toEqual({ standard: 20, largest: 100 });
});
