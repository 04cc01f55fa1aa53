import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFailure, failures, stepInWords, toFailureCode, type FailureCode } from '#schema/domain';

const codes = Object.keys(failures) as FailureCode[];

describe('a failure in words', () => {
  it.each(codes)('names the step, what happened and the remedy: %s', (code) => {
    const failure = describeFailure(code, 'database', 'connection refused');
    expect(failure.code).toBe(code);
    expect(failure.retryable).toBe(failures[code].retryable);
    expect(failure.message).toBe(`Step “database”: connection refused. ${failures[code].remedy}`);
  });

  it.each(codes)('has a remedy of whole sentences: %s', (code) => {
    expect(failures[code].remedy).toMatch(/^[A-Z][^.]*\.$/);
  });

  it.each(codes)('asks for a retry only where one can help: %s', (code) => {
    const asks = /\bretry\b/i.test(failures[code].remedy);
    expect(asks).toBe(failures[code].retryable);
  });

  it.each(['It broke', 'It broke.', 'It broke...', ' It broke. \n', 'It broke . .', 'It broke\n\n'])(
    'ends what happened with one full stop: %j',
    (what) => {
      expect(describeFailure('INTERNAL', 'media', what).message).toMatch(
        /^Step “media”: It broke\s?\. Retry;/,
      );
    },
  );

  it('never has two full stops in a row, nor a blank before the first', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.stringMatching(/^[a-z][a-z ]{0,20}[a-z][. \n]{0,5}$/),
        (code, what) => {
          const { message } = describeFailure(code, 'seal', what);
          expect(message).not.toMatch(/\.\s*\./);
          expect(message).not.toMatch(/\s\./);
        },
      ),
    );
  });

  it('keeps full stops inside, as in addresses and file names', () => {
    expect(describeFailure('STORAGE_FULL', 'media', 'No room for a.b.jpg at 10.0.0.1').message).toContain(
      'No room for a.b.jpg at 10.0.0.1. Free',
    );
  });

  it('keeps a dollar sign as it is', () => {
    expect(describeFailure('INTERNAL', 'seal', "cost $& and $' rose").message).toContain(
      "cost $& and $' rose. ",
    );
  });

  it('names a step as people read it', () => {
    expect(stepInWords('upload')).toBe('Step “upload”');
  });
});

describe('a failure code', () => {
  it.each(codes)('is known again: %s', (code) => {
    expect(toFailureCode(code)).toBe(code);
  });

  it.each([
    '',
    null,
    undefined,
    'database_locked',
    ' STALLED',
    'NOPE',
    'toString',
    'constructor',
    '__proto__',
    'hasOwnProperty',
  ])('that is unknown is INTERNAL: %j', (text) => {
    expect(toFailureCode(text)).toBe('INTERNAL');
  });

  it('of whatever text is one that Holdfast knows', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(codes).toContain(toFailureCode(text));
      }),
    );
  });

  it('is worth a retry unless the backup or its destination is gone for good', () => {
    expect(codes.filter((code) => !failures[code].retryable)).toEqual([
      'BACKUP_DAMAGED',
      'BACKUP_GONE',
      'DESTINATION_GONE',
    ]);
  });
});
