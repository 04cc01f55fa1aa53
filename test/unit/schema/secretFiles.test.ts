import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BadSettings, commonSettings, readSettings } from '#schema/config';

const common = z.object(commonSettings);
const key = Buffer.alloc(32, 7).toString('base64');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-secrets-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file with this content; answers with its path. */
function secret(name: string, content: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** What is said of settings that cannot be used, a line each. */
function complaints(environment: NodeJS.ProcessEnv): string[] {
  try {
    readSettings(common, environment);
  } catch (error: unknown) {
    if (error instanceof BadSettings) return error.message.split('\n').slice(1);
  }
  throw new Error('These settings are taken as good.');
}

describe('a secret in a file', () => {
  it.each(['', '\n', '\r\n'])('is read without the line break %j at its end', (end) => {
    const read = readSettings(common, {
      DATABASE_URL_FILE: secret('url', `postgres://u:p@h/d${end}`),
      HOLDFAST_SECRET_KEY_FILE: secret('key', `${key}${end}`),
    });
    expect(read).toMatchObject({ DATABASE_URL: 'postgres://u:p@h/d', HOLDFAST_SECRET_KEY: key });
    expect(Object.keys(read).filter((name) => name.endsWith('_FILE'))).toEqual([]);
  });

  it('keeps what else is white in it', () => {
    const read = readSettings(common, {
      DATABASE_URL_FILE: secret('spaces', ' a\nb \n\n'),
      HOLDFAST_SECRET_KEY: key,
    });
    expect(read.DATABASE_URL).toBe(' a\nb \n');
  });

  it('counts as absent where no file is named', () => {
    const read = readSettings(common, {
      DATABASE_URL: 'postgres://u:p@h/d',
      DATABASE_URL_FILE: '',
      HOLDFAST_SECRET_KEY: key,
    });
    expect(read.DATABASE_URL).toBe('postgres://u:p@h/d');
  });

  it('may not stand in the environment as well', () => {
    expect(
      complaints({
        DATABASE_URL: 'postgres://u:hunter2@h/d',
        DATABASE_URL_FILE: secret('twice', 'postgres://u:hunter2@h/d'),
        HOLDFAST_SECRET_KEY: key,
      }),
    ).toEqual(['  DATABASE_URL: set this or DATABASE_URL_FILE, not both']);
  });

  it('that cannot be read, or is not there, is named once, together with all else that is wrong', () => {
    const lines = complaints({
      DATABASE_URL_FILE: path.join(folder, 'nowhere'),
      HOLDFAST_SECRET_KEY_FILE: secret('empty', '\n'),
      HOLDFAST_LOG_LEVEL: 'loud',
    });
    expect(lines).toEqual([
      expect.stringMatching(
        /^ {2}DATABASE_URL: the file that DATABASE_URL_FILE names cannot be read \(ENOENT\)/,
      ),
      '  HOLDFAST_SECRET_KEY: the file that HOLDFAST_SECRET_KEY_FILE names is empty',
      expect.stringMatching(/^ {2}HOLDFAST_LOG_LEVEL: /),
    ]);
  });

  it('that is wrong is not quoted', () => {
    const lines = complaints({
      DATABASE_URL: 'postgres://u:p@h/d',
      HOLDFAST_SECRET_KEY_FILE: secret('short', 'hunter2'),
    });
    expect(lines).toEqual(['  HOLDFAST_SECRET_KEY: must be 32 bytes in base64']);
  });

  it('is taken for secrets only', () => {
    const read = readSettings(common, {
      DATABASE_URL: 'postgres://u:p@h/d',
      HOLDFAST_SECRET_KEY: key,
      TEMPORAL_NAMESPACE_FILE: secret('namespace', 'other'),
    });
    expect(read.TEMPORAL_NAMESPACE).toBe('default');
  });
});
