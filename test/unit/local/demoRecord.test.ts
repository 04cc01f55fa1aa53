import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_ENVIRONMENTS } from '../../../server/local/demo/demoEnvironments.js';
import { makeDemoPassword, readDemoPassword } from '../../../server/local/demo/demoPassword.js';
import { readDemoRecord, writeDemoRecord, type DemoRecord } from '../../../server/local/demo/demoRecord.js';
import { demoRowsSql } from '../../../server/local/demo/demoRowsSql.js';
import { scramVerifier } from '../../../server/local/scramVerifier.js';

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'demo-record-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the demo record', () => {
  it('is read as it was written', async () => {
    const record: DemoRecord = {
      projectId: 'p1',
      environments: {
        live: { state: 'registered', databaseAddress: '127.0.0.1:5432', mediaDirectory: '/x/live/media' },
      },
    };
    expect(await readDemoRecord(folder)).toBeNull();
    await writeDemoRecord(folder, record);
    expect(await readDemoRecord(folder)).toEqual(record);
    expect(await readdir(folder)).toEqual(['registered.json']);
  });

  it.each([
    '',
    'null',
    '[]',
    '{"projectId": 1, "environments": {}}',
    '{"projectId": null, "environments": {"live": {}}}',
  ])('refuses rubbish with the way out: %s', async (text) => {
    await writeFile(join(folder, 'registered.json'), text);
    await expect(readDemoRecord(folder)).rejects.toThrow('HOLDFAST_DEMO=0');
  });
});

describe('the demo passwords', () => {
  it('are kept for their owner alone, and stay', async () => {
    expect(await readDemoPassword(folder, 'live')).toBeNull();
    const password = await makeDemoPassword(folder, 'live');
    expect(password).toMatch(/^[\w-]{32}$/);
    expect(await readDemoPassword(folder, 'live')).toBe(password);
    expect((await stat(join(folder, 'demo-live-password'))).mode & 0o777).toBe(0o600);
  });

  it('reach PostgreSQL only as a verifier', () => {
    const verifier = scramVerifier('secret-word');
    expect(verifier).toMatch(/^SCRAM-SHA-256\$4096:[\w+/]{22}==\$[\w+/]{43}=:[\w+/]{43}=$/);
    expect(scramVerifier('secret-word')).not.toBe(verifier);
  });
});

describe('the demo rows', () => {
  it('come from no clock and no chance', () => {
    for (const { share } of DEMO_ENVIRONMENTS) {
      expect(demoRowsSql(share)).toEqual(demoRowsSql(share));
      expect(demoRowsSql(share).join('\n')).not.toMatch(/random|now\(|current_|clock_|gen_random|hashint/i);
    }
  });

  it('are of two environments with different commits', () => {
    const commits = DEMO_ENVIRONMENTS.map((environment) => environment.gitCommit);
    expect(new Set(commits).size).toBe(2);
    for (const commit of commits) expect(commit).toMatch(/^[0-9a-f]{40}$/);
  });
});
