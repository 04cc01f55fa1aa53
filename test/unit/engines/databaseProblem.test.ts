import { describe, expect, test } from 'vitest';
import { databaseProblem, dumpProblem } from '../../../workflows/engines/postgres/problem.js';
import { conninfo, libpqEnvironment } from '../../../workflows/engines/postgres/environment.js';
import { lastWords, statementInWords } from '../../../workflows/engines/postgres/serverWords.js';
import { StepProblem } from '../../../workflows/engines/stepProblem.js';

const address = {
  host: 'db.example',
  port: 5433,
  user: 'shop',
  password: 's3cr%t',
  database: 'shop',
  sslmode: 'prefer',
} as const;
const coded = (code: string, message = 'no') => Object.assign(new Error(message), { code });

describe('databaseProblem', () => {
  test.each([
    ['ECONNREFUSED', 'DATABASE_UNREACHABLE'],
    ['ENOTFOUND', 'DATABASE_UNREACHABLE'],
    ['57P03', 'DATABASE_UNREACHABLE'],
    ['53300', 'DATABASE_UNREACHABLE'],
    ['08006', 'DATABASE_UNREACHABLE'],
    ['28P01', 'DATABASE_AUTHENTICATION'],
    ['28000', 'DATABASE_AUTHENTICATION'],
    ['3D000', 'DATABASE_AUTHENTICATION'],
    ['42501', 'DATABASE_PERMISSION'],
    ['55P03', 'DATABASE_LOCKED'],
    ['XX000', 'DATABASE_DUMP_FAILED'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'DATABASE_AUTHENTICATION'],
  ])('%s is %s', (code, expected) => {
    expect(databaseProblem(address, coded(code))).toMatchObject({
      code: expected,
      message: expect.stringContaining('db.example:5433'),
    });
  });

  test('names the database that is not there', () => {
    const problem = databaseProblem(address, coded('3D000', 'database "shop" does not exist')) as StepProblem;
    expect(problem.message).toContain('There is no database “shop” on db.example:5433');
  });

  test('hands back what is no answer of a database', () => {
    const error = new TypeError('a mistake of ours');
    expect(databaseProblem(address, error)).toBe(error);
  });
});

describe('dumpProblem', () => {
  const says = (text: string) => dumpProblem(address, text);

  test.each([
    ['pg_dump: error: connection to server at "h" failed: Connection refused', 'DATABASE_UNREACHABLE'],
    [
      'pg_dump: error: Dumping the contents of table "t" failed: PQgetCopyData() failed.\npg_dump: detail: Error message from server: server closed the connection unexpectedly',
      'DATABASE_UNREACHABLE',
    ],
    [
      'pg_dump: error: connection to server at "h" failed: FATAL:  password authentication failed for user "shop"',
      'DATABASE_AUTHENTICATION',
    ],
    [
      'pg_dump: error: connection to server at "h" failed: FATAL:  database "x" does not exist',
      'DATABASE_AUTHENTICATION',
    ],
    ['pg_dump: error: query failed: ERROR:  permission denied for table secrets', 'DATABASE_PERMISSION'],
    [
      'pg_dump: error: query failed: ERROR:  query would be affected by row-level security policy for table "t"',
      'DATABASE_PERMISSION',
    ],
    ['pg_dump: error: query failed: ERROR:  canceling statement due to lock timeout', 'DATABASE_LOCKED'],
    ['pg_dump: error: aborting because of server version mismatch', 'DATABASE_VERSION'],
    [
      'pg_dump: error: query failed: ERROR:  invalid memory alloc request size 1073741824',
      'DATABASE_DUMP_FAILED',
    ],
    ['', 'DATABASE_DUMP_FAILED'],
  ])('%s', (text, code) => {
    expect(says(text).code).toBe(code);
  });

  test('names what is at fault and never the password', () => {
    const problem = says(
      'pg_dump: error: query failed: ERROR:  permission denied for table s3cr%t in s3cr%25t\npg_dump: detail: Query was: LOCK',
    );
    expect(problem.message).toContain('permission denied for table *** in ***');
    expect(problem.message).not.toContain('LOCK');
  });
});

test('the environment carries the password and the command line does not', () => {
  expect(libpqEnvironment(address, { applicationName: 'a' })).toMatchObject({
    PGPASSWORD: 's3cr%t',
    PGHOST: 'db.example',
    PGPORT: '5433',
  });
  expect(conninfo(`it's a=b\\c`)).toMatch(/^dbname='it\\'s a=b\\\\c' keepalives=1 /);
});

test('statements are shown without their literals', () => {
  expect(statementInWords(`alter role x password 'top''secret'\n where a = $$hidden$$`)).toBe(
    'alter role x password … where a = …',
  );
  expect(lastWords('pg_dump: error: a\u0007b\n\npg_dump: detail: c\n')).toBe('a b; c');
});
