import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BadSettings, commonSettings, port, readSettings, wholeNumber } from '#schema/config';
import { serverSettings } from '../../../server/settings.js';
import { workerSettings } from '../../../workflows/settings.js';

const good = {
  DATABASE_URL: 'postgres://u:p@h/d',
  HOLDFAST_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
};
const common = z.object(commonSettings);

/** What is said of settings that cannot be used. */
function complaint(read: () => unknown): string {
  try {
    read();
  } catch (error: unknown) {
    expect(error).toBeInstanceOf(BadSettings);
    return (error as BadSettings).message;
  }
  throw new Error('These settings are taken as good.');
}

describe('settings', () => {
  it('have defaults for all that need not be said', () => {
    expect(readSettings(common, good)).toEqual({
      ...good,
      TEMPORAL_ADDRESS: '127.0.0.1:7233',
      TEMPORAL_NAMESPACE: 'default',
      HOLDFAST_LOG_LEVEL: 'info',
      MAIL_FROM: 'Holdfast <holdfast@localhost>',
      HOLDFAST_DOWNLOAD_HOURS: 168,
      HOLDFAST_OPEN_LINKS: 'off',
    });
  });

  it('that are empty count as absent', () => {
    const read = readSettings(common, { ...good, TEMPORAL_NAMESPACE: '', HOLDFAST_DATA: '' });
    expect(read.TEMPORAL_NAMESPACE).toBe('default');
    expect(read.HOLDFAST_DATA).toBeUndefined();
    expect(complaint(() => readSettings(common, { ...good, DATABASE_URL: '' }))).toContain(
      'DATABASE_URL: is required',
    );
  });

  it('leave out what is not theirs', () => {
    expect(readSettings(common, { ...good, HOME: '/root' })).not.toHaveProperty('HOME');
  });

  it('that are wrong are named all together, each on a line of its own', () => {
    const message = complaint(() =>
      readSettings(common, { HOLDFAST_SECRET_KEY: 'c2hvcnQ=', HOLDFAST_LOG_LEVEL: 'loud' }),
    );
    expect(message.split('\n')).toEqual([
      'These settings are wrong:',
      '  DATABASE_URL: is required: the address of Holdfast’s own database',
      '  HOLDFAST_SECRET_KEY: must be 32 bytes in base64',
      expect.stringMatching(/^ {2}HOLDFAST_LOG_LEVEL: .*debug.*info.*warn.*error/),
    ]);
  });

  it('that are wrong are never quoted', () => {
    const wrong = {
      DATABASE_URL: 'hunter2',
      HOLDFAST_SECRET_KEY: 'hunter2',
      HOLDFAST_LOG_LEVEL: 'hunter2',
      PORT: 'hunter2',
      HOLDFAST_PUBLIC_URL: 'hunter2',
      TEMPORAL_UI_URL: 'hunter2',
      HOLDFAST_HISTORY_DAYS: 'hunter2',
      HOLDFAST_STORAGE_MAX_BYTES_PER_SECOND: 'hunter2',
      HOLDFAST_WORKER_STEPS: 'hunter2',
      HOLDFAST_STALL_SECONDS: 'hunter2',
      HEALTH_PORT: 'hunter2',
    };
    for (const read of [serverSettings, workerSettings]) {
      const message = complaint(() => read(wrong));
      expect(message).not.toContain('hunter2');
      expect(message).toContain('HOLDFAST_SECRET_KEY: must be 32 bytes in base64');
    }
    expect(complaint(() => serverSettings(wrong)).split('\n')).toHaveLength(7);
  });

  it('that are wrong as a whole are named so', () => {
    const shape = z.object({ A: z.string() }).refine(() => false, 'must fit together');
    expect(complaint(() => readSettings(shape, { A: 'a' }))).toContain('  settings: must fit together');
  });
});

describe('a port', () => {
  it.each(['1', '80', '65535'])('may be %s', (text) => {
    expect(port.parse(text)).toBe(Number(text));
  });
  it.each(['0', '-1', '65536', '80.5', 'http', ' '])('may not be %j', (text) => {
    expect(port.safeParse(text).success).toBe(false);
  });
});

describe('a whole number', () => {
  it.each([
    ['0', 'must be at least 1'],
    ['-4', 'must be at least 1'],
    ['1.5', 'must be a whole number'],
    ['many', 'must be a whole number'],
  ])('is not %s', (text, told) => {
    expect(wholeNumber.safeParse(text).error?.issues.map(({ message }) => message)).toContain(told);
  });
});

describe('the server’s settings', () => {
  it('put the address of links together from the port', () => {
    expect(serverSettings({ ...good, PORT: '4321' }).publicUrl).toBe('http://127.0.0.1:4321');
  });

  it('take the public address without its last slash', () => {
    expect(serverSettings({ ...good, HOLDFAST_PUBLIC_URL: 'https://b.example.org/' }).publicUrl).toBe(
      'https://b.example.org',
    );
  });

  it('listen on this machine alone unless told otherwise', () => {
    expect(serverSettings(good).HOST).toBe('127.0.0.1');
  });

  it('keep closed workflows for thirty days', () => {
    expect(serverSettings(good).HOLDFAST_HISTORY_DAYS).toBe(30);
  });
});

describe('the worker’s settings', () => {
  const worker = { ...good, HOLDFAST_STORAGE_DIR: '/srv/backups' };

  it('ask where backups are kept', () => {
    expect(complaint(() => workerSettings(good))).toContain('HOLDFAST_STORAGE_DIR: is required');
  });

  it('wait two minutes for what is away', () => {
    expect(workerSettings(worker).HOLDFAST_OUTAGE_SECONDS).toBe(120);
  });
});
