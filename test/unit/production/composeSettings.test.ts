import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BadSettings, secretFiles } from '#schema/config';
import { serverSettings } from '../../../server/settings.js';
import { prepareSettings } from '../../../server/setup/settings.js';
import { workerSettings } from '../../../workflows/settings.js';
import {
  composeText,
  environmentOf,
  interpolate,
  readCompose,
  requiredVariables,
  serviceOf,
} from '../../support/compose.js';

type Read = (environment: NodeJS.ProcessEnv) => Record<string, unknown>;
const readers: Record<string, Read> = {
  prepare: prepareSettings,
  api: serverSettings,
  worker: workerSettings,
};
/** Variables that mean something to the platform, not to Holdfast. */
const platform = ['TMPDIR'];
const secrets: Record<string, string> = {
  'database-url': 'postgres://holdfast:secret@postgres:5432/holdfast',
  'secret-key': Buffer.alloc(32, 7).toString('base64'),
  'smtp-url': 'smtp://mail:1025',
  's3-secret-access-key': 'secret',
};
const variables = {
  HOLDFAST_SECRETS: '/etc/holdfast/secrets',
  HOLDFAST_MEDIA: '/srv/media',
  HOLDFAST_PUBLIC_URL: 'https://backups.example.org',
  HOLDFAST_ADMIN_EMAIL: 'admin@example.org',
  MAIL_FROM: 'Holdfast <holdfast@example.org>',
};
const compose = readCompose();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-compose-'));
  for (const [name, content] of Object.entries(secrets))
    writeFileSync(path.join(folder, name), `${content}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A service’s environment with only the required variables set, its secrets where this test put them. */
function environment(name: string, more: Record<string, string> = {}): Record<string, string> {
  const written = environmentOf(serviceOf(compose, name), { ...variables, ...more });
  return Object.fromEntries(
    Object.entries(written).map(([key, value]) => [key, value.replace('/run/secrets', folder)]),
  );
}

/** What is said of settings that cannot be used. */
function complaint(read: () => unknown): string {
  try {
    read();
  } catch (error: unknown) {
    if (error instanceof BadSettings) return error.message;
    throw error;
  }
  return '';
}

describe.each(Object.entries(readers))('the environment of %s', (name, read) => {
  it('is read by its own settings with nothing set but what is required', () => {
    expect(complaint(() => read(environment(name)))).toBe('');
  });

  it('holds no name that its settings do not know', () => {
    const own = environment(name);
    const unknown = Object.keys(own).filter((variable) => {
      const setting = variable.replace(/_FILE$/, '');
      const isFile = setting !== variable && secretFiles.some((each) => each === setting);
      const known = read({ ...own, [variable]: own[variable] || '1' });
      return !platform.includes(variable) && !((isFile ? setting : variable) in known);
    });
    expect(unknown).toEqual([]);
  });

  it('holds every name that its settings require', () => {
    const own = environment(name);
    expect(complaint(() => read({}))).not.toBe('');
    for (const [, missing = ''] of complaint(() => read({})).matchAll(/^ {2}(\w+): /gm)) {
      const given = missing in own || `${missing}_FILE` in own || 'S3_BUCKET' in own;
      expect(given, missing).toBe(true);
    }
  });

  it('takes secrets from files only, each of them its own', () => {
    const { environment: written = {}, secrets: granted = [] } = serviceOf(compose, name);
    const files = Object.entries(written).filter(([, value]) => String(value).startsWith('/run/secrets/'));
    expect(files.map(([, value]) => path.basename(String(value))).sort()).toEqual([...granted].sort());
    for (const secret of ['DATABASE_URL', 'HOLDFAST_SECRET_KEY', 'SMTP_URL', 'S3_SECRET_ACCESS_KEY']) {
      expect(written).not.toHaveProperty(secret);
    }
  });
});

describe('what a person sets', () => {
  it('is required where there is no good default, and nowhere else', () => {
    expect(requiredVariables(composeText())).toEqual(Object.keys(variables).sort());
    for (const name of Object.keys(variables)) {
      const without = { ...variables, [name]: '' };
      expect(() => interpolate(composeText(), without), name).toThrow(`${name} is required`);
    }
  });

  it('reaches the processes', () => {
    const read = serverSettings(
      environment('api', { HOLDFAST_PROXIES: '1', TEMPORAL_UI_URL: 'https://temporal.example.org' }),
    );
    expect(read).toMatchObject({
      publicUrl: 'https://backups.example.org',
      HOLDFAST_PROXIES: 1,
      TEMPORAL_UI_URL: 'https://temporal.example.org',
      DATABASE_URL: secrets['database-url'],
    });
    expect(prepareSettings(environment('prepare')).HOLDFAST_ADMIN_EMAIL).toBe('admin@example.org');
  });

  it('is the same for those that must agree', () => {
    const [prepare, api, worker] = ['prepare', 'api', 'worker'].map((name) => environment(name));
    for (const name of ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'DATABASE_URL_FILE']) {
      expect(new Set([prepare?.[name], api?.[name], worker?.[name]]).size, name).toBe(1);
    }
    for (const name of ['HOLDFAST_SECRET_KEY_FILE', 'HOLDFAST_MEDIA_ROOTS', 'S3_BUCKET', 'S3_ENDPOINT']) {
      expect(api?.[name], name).toBe(worker?.[name]);
    }
    expect(prepare?.HOLDFAST_HISTORY_DAYS).toBe(api?.HOLDFAST_HISTORY_DAYS);
  });
});
