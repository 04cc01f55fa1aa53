import { describe, expect, test } from 'vitest';
import { createSecretBox, parseDatabaseUrl } from '#schema/catalogue';
import { mediaDirectoryProblem } from '#schema/config';
import {
  bytesInWords,
  describeFailure,
  nameProblem,
  nanosecondsToTime,
  noteProblem,
  refusals,
} from '#schema/domain';

const messageOf = (work: () => unknown): string => {
  try {
    work();
    return '';
  } catch (error: unknown) {
    return String(error);
  }
};

describe('a database address', () => {
  test('never shows a password that holds a question mark', () => {
    for (const url of [
      'postgres://admin:1234?s3cret@db.example.org/shop',
      'postgres://admin:?s3cret@h/shop',
    ]) {
      const message = messageOf(() => parseDatabaseUrl(url));
      expect(message).not.toBe('');
      expect(message).not.toContain('s3cret');
    }
  });

  test('is refused where a part would silently be lost', () => {
    for (const url of ['postgres://u:p@h/shop#2', 'postgres://u:p\tq@h/shop', 'postgres://u:p@h:0/shop']) {
      expect(messageOf(() => parseDatabaseUrl(url))).not.toBe('');
    }
  });

  test('may name a host beyond ASCII', () => {
    expect(parseDatabaseUrl('postgres://u:p@b%C3%BCcher.example/shop').host).toBe('bücher.example');
  });
});

test('a sealed secret with a shortened tag or something behind it does not open', () => {
  const box = createSecretBox(Buffer.alloc(32, 7).toString('base64'));
  const sealed = box.seal('text', 'place');
  const [version, nonce, tag, body] = sealed.split('.');
  const short = Buffer.from(tag ?? '', 'base64')
    .subarray(0, 4)
    .toString('base64');
  expect(() => box.open([version, nonce, short, body].join('.'), 'place')).toThrow();
  expect(() => box.open(`${sealed}.junk`, 'place')).toThrow();
  expect(box.open(sealed, 'place')).toBe('text');
});

test('a folder whose name begins with two dots lies where it lies', () => {
  expect(mediaDirectoryProblem('/srv/holdfast/..storage', { data: '/srv/holdfast' })).not.toBeNull();
  expect(mediaDirectoryProblem('/srv/media/..sites', { roots: '/srv/media' })).toBeNull();
  expect(mediaDirectoryProblem('/srv/media', { roots: ':' })).toBeNull();
});

test('a file time that RFC 3339 cannot write becomes the nearest that it can', () => {
  expect(nanosecondsToTime(253_402_300_800_000_000_000n)).toBe('9999-12-31T23:59:59.999999999Z');
  expect(nanosecondsToTime(9_000_000_000_000_000_000_000n)).toBe('9999-12-31T23:59:59.999999999Z');
  expect(nanosecondsToTime(-62_167_219_200_000_000_001n)).toBe('0000-01-01T00:00:00.000000000Z');
});

test('a zero byte in a name or note is refused with words', () => {
  expect(nameProblem('a\0b')).not.toBeNull();
  expect(noteProblem('a\0b')).not.toBeNull();
});

test('a failure without words, with a question, or with a flood of blanks is still one sentence', () => {
  expect(describeFailure('INTERNAL', 'media', '').message).toMatch(
    /^Step “media”: It failed without a word\. /,
  );
  expect(describeFailure('INTERNAL', 'media', 'Is it on?').message).toMatch(/: Is it on\? /);
  expect(describeFailure('INTERNAL', 'media', `x${' '.repeat(200_000)}y`).message.length).toBeLessThan(3_000);
});

test('sizes and states are worded alike everywhere', () => {
  expect(bytesInWords(102_359)).toBe('100 KiB');
  expect(refusals.jobEnded('CANCELED').message).toContain('cancelled');
});
