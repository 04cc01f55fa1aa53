import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CopyCounter } from '../../../workflows/engines/postgres/copyCounter.js';

const script = [
  '--',
  '-- PostgreSQL database dump',
  '--',
  '',
  '\\restrict abcDEF123',
  '',
  'SET standard_conforming_strings = on;',
  "SELECT pg_catalog.set_config('search_path', '', false);",
  '',
  '-- Data for Name: odd COPY a.b FROM stdin;; Type: TABLE DATA',
  'COPY public."odd.""one""',
  'COPY x.y (a) FROM stdin;" (a, "b;c") FROM stdin;',
  '1\tCOPY z.z (a) FROM stdin;',
  '\\\\.',
  'a\\\\.',
  '\\.',
  '',
  'COPY "Sch ema".plain (a) FROM stdin;',
  '\\.',
  '',
  'COPY public.empty_rows () FROM stdin;',
  '',
  '',
  '\\.',
  '',
  'COPY public.nulls (a) FROM stdin;',
  '\\N',
  '\\N',
  '\\.',
  'SELECT pg_catalog.setval(\'public."s;',
  "COPY fake.fake (a) FROM stdin;\"''', 7, true);",
  "SELECT pg_catalog.lowrite(0, '\\x00ff00ff');",
  'SELECT pg_catalog.lo_close(0);',
  '\\unrestrict abcDEF123',
  '',
].join('\n');

const content = (...rows: string[]) => ({
  rows: rows.length,
  sha256: createHash('sha256')
    .update(rows.map((row) => `${row}\n`).join(''))
    .digest('hex'),
});
const expected = {
  '"public"."odd.""one""\nCOPY x.y (a) FROM stdin;"': content(
    '1\tCOPY z.z (a) FROM stdin;',
    '\\\\.',
    'a\\\\.',
  ),
  '"Sch ema"."plain"': content(),
  '"public"."empty_rows"': content('', ''),
  '"public"."nulls"': content('\\N', '\\N'),
};

describe('CopyCounter', () => {
  test('counts and hashes the rows of every table, whatever names and rows look like', () => {
    const counter = new CopyCounter();
    counter.push(Buffer.from(script));
    counter.end();
    expect(Object.fromEntries(counter.tables)).toEqual(expected);
    expect(counter.current).toBeNull();
  });

  test('finds the same however the script is cut', () => {
    const bytes = Buffer.from(script);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 60 }), (cuts) => {
        const counter = new CopyCounter();
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        for (let i = 1; i < at.length; i += 1) counter.push(bytes.subarray(at[i - 1], at[i]));
        counter.end();
        expect(Object.fromEntries(counter.tables)).toEqual(expected);
        expect(counter.bytes).toBe(bytes.length);
      }),
    );
    const slow = new CopyCounter();
    for (const byte of bytes) slow.push(Buffer.of(byte));
    expect(Object.fromEntries(slow.tables)).toEqual(expected);
  });

  test('says so where the script breaks off within a table', () => {
    const counter = new CopyCounter();
    counter.push(Buffer.from('COPY a.b (c) FROM stdin;\n1\n2\n'));
    expect(counter.current).toMatchObject({ name: '"a"."b"', rows: 2 });
    expect(() => counter.end()).toThrow(/breaks off/);
  });
});
