import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../server/local/refusal.js';
import { readSettings } from '../../../server/local/settings.js';

describe('readSettings', () => {
  it('needs nothing', () => {
    expect(readSettings({}, '/project')).toMatchObject({
      dataFolder: '/project/.holdfast',
      port: 4000,
      publicUrl: 'http://127.0.0.1:4000',
      temporalUiPort: 8233,
      historyDays: 30,
      demo: true,
      external: { databaseUrl: undefined, temporalAddress: undefined, smtpUrl: undefined },
    });
  });

  it('takes an empty variable as not set', () => {
    expect(readSettings({ PORT: '', DATABASE_URL: '' }, '/project').port).toBe(4000);
  });

  it('keeps an absolute data folder and drops slashes at the end of the public address', () => {
    const settings = readSettings(
      { HOLDFAST_DATA: '/srv/holdfast', HOLDFAST_PUBLIC_URL: 'https://backups.example/' },
      '/project',
    );
    expect(settings.dataFolder).toBe('/srv/holdfast');
    expect(settings.publicUrl).toBe('https://backups.example');
  });

  it('names every wrong variable in one line and repeats no value', () => {
    const env = {
      PORT: '99999',
      HOLDFAST_DEMO: 'maybe',
      DATABASE_URL: 'mysql://u:hunter2@h/d',
      SMTP_URL: 'mail',
    };
    const message = refusalOf(env);
    for (const name of Object.keys(env)) expect(message).toContain(name);
    expect(message).not.toContain('hunter2');
    expect(message).not.toContain('\n');
  });

  it('refuses one port for two', () => {
    expect(refusalOf({ PORT: '5000', TEMPORAL_UI_PORT: '5000' })).toContain('must differ');
  });
});

function refusalOf(env: NodeJS.ProcessEnv): string {
  try {
    readSettings(env, '/project');
  } catch (error: unknown) {
    if (error instanceof Refusal) return error.message;
  }
  throw new Error('it was accepted');
}
