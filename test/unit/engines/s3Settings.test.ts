import { describe, expect, it } from 'vitest';
import { BadSettings } from '#schema/config';
import { serviceEnvironment } from '../../../server/local/environment.js';
import { readSettings } from '../../../server/local/settings.js';
import { storageSettings, workerSettings } from '../../../workflows/settings.js';

const common = {
  DATABASE_URL: 'postgres://u:p@h/d',
  HOLDFAST_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
};

function complaints(env: NodeJS.ProcessEnv): string[] {
  try {
    workerSettings({ ...common, ...env });
  } catch (error: unknown) {
    if (error instanceof BadSettings) return error.message.split('\n').slice(1);
  }
  throw new Error('These settings are taken as good.');
}

const place = (env: NodeJS.ProcessEnv) => storageSettings(workerSettings({ ...common, ...env }));

describe('storage in S3', () => {
  it('needs a bucket alone', () => {
    expect(place({ S3_BUCKET: 'backups' })).toEqual({
      s3: {
        bucket: 'backups',
        prefix: '',
        endpoint: null,
        region: null,
        keys: null,
        forcePathStyle: undefined,
        maxParts: 10_000,
        equalParts: false,
        patienceMs: 120_000,
      },
      maxBytesPerSecond: null,
    });
  });

  it('takes all that a provider may want', () => {
    const env = {
      S3_BUCKET: 'backups',
      S3_PREFIX: 'holdfast/live',
      S3_ENDPOINT: 'https://s3.example.org',
      S3_REGION: 'eu-west-3',
      S3_ACCESS_KEY_ID: 'id',
      S3_SECRET_ACCESS_KEY: 'secret',
      S3_FORCE_PATH_STYLE: '0',
      S3_MAX_PARTS: '1000',
      S3_EQUAL_PARTS: '1',
      HOLDFAST_OUTAGE_SECONDS: '5',
    };
    expect(place(env)).toMatchObject({
      s3: {
        prefix: 'holdfast/live/',
        endpoint: 'https://s3.example.org',
        region: 'eu-west-3',
        keys: { accessKeyId: 'id', secretAccessKey: 'secret' },
        forcePathStyle: false,
        maxParts: 1_000,
        equalParts: true,
        patienceMs: 5_000,
      },
    });
  });

  it('takes empty settings as absent', () => {
    const env = { S3_BUCKET: '', S3_REGION: '', S3_ACCESS_KEY_ID: '', HOLDFAST_STORAGE_DIR: '/srv/backups' };
    expect(place(env)).toEqual({ directory: '/srv/backups', maxBytesPerSecond: null });
  });

  it('names all that is wrong together, and quotes nothing', () => {
    const env = {
      S3_BUCKET: 'hunter2/x',
      S3_ENDPOINT: 'https://user:hunter2@s3.example.org',
      S3_PREFIX: '../hunter2',
      S3_REGION: 'hunter2 there',
      S3_ACCESS_KEY_ID: 'hunter2',
      S3_MAX_PARTS: '20000',
      S3_FORCE_PATH_STYLE: 'hunter2',
      HOLDFAST_WORKER_STEPS: 'hunter2',
    };
    const said = complaints(env);
    for (const name of [...Object.keys(env), 'S3_SECRET_ACCESS_KEY'].filter(
      (each) => each !== 'S3_ACCESS_KEY_ID',
    )) {
      expect(said.filter((line) => line.startsWith(`  ${name}: `))).toHaveLength(1);
    }
    expect(said.join()).not.toContain('hunter2');
  });

  it('needs the bucket where anything else of it is set', () => {
    expect(complaints({ S3_REGION: 'eu-west-3' })).toContainEqual(
      expect.stringMatching(/^ {2}S3_BUCKET: is required/),
    );
  });

  it('needs both keys or none', () => {
    const one = { S3_BUCKET: 'backups', S3_SECRET_ACCESS_KEY: 'secret' };
    expect(complaints(one)).toEqual(['  S3_ACCESS_KEY_ID: is required with S3_SECRET_ACCESS_KEY']);
  });

  it('excludes a folder', () => {
    expect(complaints({ S3_BUCKET: 'backups', HOLDFAST_STORAGE_DIR: '/srv/backups' })).toEqual([
      expect.stringMatching(/^ {2}HOLDFAST_STORAGE_DIR: must not be set with S3_BUCKET/),
    ]);
  });
});

describe('npm start', () => {
  const service = {
    databaseUrl: 'postgres://x',
    secretKey: 'k',
    dataFolder: '/d',
    storageFolder: '/d/storage',
    demoFolder: '/d/demo',
    postgresBindirs: [],
    temporalAddress: '127.0.0.1:1',
    temporalNamespace: 'default',
    temporalUiUrl: null,
    port: 4000,
    publicUrl: 'http://127.0.0.1:4000',
    smtpUrl: 'smtp://127.0.0.1:2',
    mailFrom: 'x@localhost',
  };

  it('looks at the settings before anything is started', () => {
    expect(() => readSettings({ S3_BUCKET: 'backups', HOLDFAST_STORAGE_DIR: '/srv' }, '/project')).toThrow(
      /HOLDFAST_STORAGE_DIR must not be set with S3_BUCKET/,
    );
    expect(() => readSettings({ S3_ENDPOINT: 'nonsense' }, '/project')).toThrow(
      /S3_ENDPOINT must be a URL.*S3_BUCKET is required/,
    );
    expect(readSettings({ S3_BUCKET: 'backups' }, '/project').port).toBe(4000);
  });

  it('gives server and worker the bucket in place of a folder', () => {
    expect(serviceEnvironment({ S3_BUCKET: 'backups' }, service)).not.toHaveProperty('HOLDFAST_STORAGE_DIR');
    expect(serviceEnvironment({}, service)).toMatchObject({ HOLDFAST_STORAGE_DIR: '/d/storage' });
  });

  it('hands on what a person set for mails, downloads and the bucket', () => {
    const env = {
      S3_BUCKET: 'backups',
      S3_ACCESS_KEY_ID: 'id',
      S3_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      HOLDFAST_DOWNLOAD_HOURS: '24',
      HOLDFAST_OPEN_LINKS: 'on',
      NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
    };
    expect(serviceEnvironment(env, service)).toMatchObject({
      ...env,
      SMTP_URL: service.smtpUrl,
      MAIL_FROM: service.mailFrom,
      HOLDFAST_PUBLIC_URL: service.publicUrl,
    });
  });
});
