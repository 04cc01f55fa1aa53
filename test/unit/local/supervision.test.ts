import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextBackoff } from '../../../server/local/backoff.js';
import { Child, type ChildPlan } from '../../../server/local/child.js';
import { serviceEnvironment, toolEnvironment } from '../../../server/local/environment.js';
import { replaceFile } from '../../../server/local/files.js';
import { endLeftovers, ProcessRecord } from '../../../server/local/leftovers.js';
import { lockDataFolder } from '../../../server/local/lock.js';
import { nodeIsSupported } from '../../../server/local/nodeVersion.mjs';
import { choosePorts, parsePorts, requireFreePort } from '../../../server/local/ports.js';
import {
  identifyProcess,
  isSameProcessAlive,
  parseStartTime,
} from '../../../server/local/processIdentity.js';
import { RotatingLog } from '../../../server/local/rotatingLog.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-local-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('nodeIsSupported', () => {
  it.each([
    ['18.20.0', false],
    ['20.18.3', false],
    ['20.19.0', true],
    ['21.7.0', false],
    ['22.12.0', false],
    ['22.13.0', true],
    ['23.11.0', false],
    ['24.10.0', false],
    ['24.11.0', true],
    ['25.0.0', true],
    ['26.1.0', true],
  ])('%s: %s', (version, supported) => expect(nodeIsSupported(version)).toBe(supported));
});

describe('nextBackoff', () => {
  it('doubles while a process goes on dying, up to 15 s, and begins anew after a steady life', () => {
    const pauses: number[] = [];
    for (let i = 0; i < 8; i += 1) pauses.push(nextBackoff(pauses.at(-1), 100));
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 15000, 15000]);
    expect(nextBackoff(15000, 60_000)).toBe(250);
  });
});

describe('process identity', () => {
  it('reads the start time behind a name with brackets and spaces', () => {
    const fields = ['S', ...Array.from({ length: 18 }, (_, i) => String(i)), '4711', '0'];
    expect(parseStartTime(`12 (a) b ( c) ${fields.join(' ')}`)).toBe('4711');
    expect(parseStartTime(`12 (dead) Z ${fields.slice(1).join(' ')}`)).toBeUndefined();
  });

  it('tells a living process from a later one with its id', async () => {
    const self = await identifyProcess(process.pid);
    expect(self && (await isSameProcessAlive(self))).toBe(true);
    expect(await isSameProcessAlive({ pid: process.pid, started: 'another time' })).toBe(false);
  });
});

describe('lockDataFolder', () => {
  it('refuses a second holder by naming the first, and lets in after the release', async () => {
    const file = path.join(folder, 'lock');
    const lock = await lockDataFolder(file, folder);
    await expect(lockDataFolder(file, folder)).rejects.toThrow(`process ${process.pid}`);
    await lock.release();
    await (await lockDataFolder(file, folder)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over by exactly one of several where its process is gone or its content is lost', async () => {
    for (const stale of [JSON.stringify({ pid: process.pid, started: 'long ago', token: 't' }), '']) {
      const file = path.join(folder, 'lock');
      await writeFile(file, stale);
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataFolder(file, folder)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await readdir(folder)).toEqual(['lock']);
      await rm(file);
    }
  });
});

describe('ports', () => {
  it('remembers its choices, and chooses anew what is taken', async () => {
    const file = path.join(folder, 'ports.json');
    const first = await choosePorts(file, []);
    expect(new Set(Object.values(first)).size).toBe(4);
    expect(await choosePorts(file, [])).toEqual(first);
    const taken = createServer().listen(first.smtp, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const second = await choosePorts(file, []);
    await expect(requireFreePort('PORT', first.smtp)).rejects.toThrow(/in use.*PORT/);
    taken.close();
    expect(second).toEqual({ ...first, smtp: second.smtp });
    expect(second.smtp).not.toBe(first.smtp);
  });

  it('takes rubbish as nothing chosen', () => {
    expect(parsePorts('{"smtp": "x", "postgres": 70000, "inbox": 4000}')).toEqual({ inbox: 4000 });
    expect(parsePorts('not json')).toEqual({});
    expect(parsePorts('null')).toEqual({});
  });
});

describe('environments', () => {
  it('keeps secrets and settings meant for others from the embedded programs', () => {
    const env = toolEnvironment(
      { PATH: '/bin', HOLDFAST_SECRET_KEY: 's', PGHOST: 'h', TEMPORAL_ADDRESS: 'a' },
      '/home',
    );
    expect(env).toMatchObject({ PATH: '/bin', HOME: '/home' });
    for (const name of ['HOLDFAST_SECRET_KEY', 'PGHOST', 'TEMPORAL_ADDRESS'])
      expect(env).not.toHaveProperty(name);
  });

  it('hands what a person set to the services, without what npm adds', () => {
    const env = serviceEnvironment(
      { S3_BUCKET: 'b', HOLDFAST_MEDIA_ROOTS: '/m', npm_config_x: '1', PGPASSWORD: 'p' },
      {
        databaseUrl: 'postgres://x',
        secretKey: 'k',
        dataFolder: '/d',
        storageFolder: '/d/storage',
        demoFolder: '/d/demo',
        postgresBindirs: ['/a', '/b'],
        temporalAddress: '127.0.0.1:1',
        temporalNamespace: 'default',
        temporalUiUrl: null,
        port: 4000,
        publicUrl: 'http://127.0.0.1:4000',
        smtpUrl: 'smtp://127.0.0.1:2',
        mailFrom: 'x@localhost',
      },
    );
    expect(env).toMatchObject({
      S3_BUCKET: 'b',
      HOLDFAST_MEDIA_ROOTS: '/m',
      HOLDFAST_PG_BINDIRS: '/a:/b',
      PORT: '4000',
    });
    for (const name of ['npm_config_x', 'PGPASSWORD', 'TEMPORAL_UI_URL'])
      expect(env).not.toHaveProperty(name);
  });
});

describe('files', () => {
  it('replaces a file in one step, for its owner only', async () => {
    const file = path.join(folder, 'ready.json');
    await replaceFile(file, 'one');
    await replaceFile(file, 'two');
    expect(await readFile(file, 'utf8')).toBe('two');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['ready.json']);
  });

  it('rotates a log before it grows too long', async () => {
    const file = path.join(folder, 'x.log');
    const log = new RotatingLog(file, 10);
    for (const line of ['12345678\n', 'abcdefgh\n', 'last\n']) log.write(Buffer.from(line));
    expect(log.lastLine()).toBe('last');
    log.close();
    expect((await readdir(folder)).sort()).toEqual(['x.log', 'x.log.1']);
    expect(await readFile(file, 'utf8')).toBe('last\n');
  });
});

describe('endLeftovers', () => {
  it('ends a recorded process and nobody who merely has its id', async () => {
    const file = path.join(folder, 'processes.json');
    const left = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    const ended = new Promise((resolve) => left.once('exit', resolve));
    const record = new ProcessRecord(file);
    await record.add('worker', left.pid ?? 0, 'SIGTERM');
    const mine = JSON.parse(await readFile(file, 'utf8')) as unknown[];
    mine.push({ name: 'server', pid: process.pid, started: 'another time', stopSignal: 'SIGTERM' });
    await writeFile(file, JSON.stringify(mine));
    expect(await endLeftovers(file, folder)).toEqual(['worker']);
    await ended;
  });

  it('takes a cut-off record as empty', async () => {
    const file = path.join(folder, 'processes.json');
    await writeFile(file, '[{"pid": 1');
    expect(await endLeftovers(file, folder)).toEqual([]);
  });
});

describe('Child', () => {
  const plan = (script: string): ChildPlan => ({
    name: 'probe',
    command: async () => ({ file: process.execPath, args: ['-e', script] }),
    ipc: false,
    logFile: path.join(folder, 'probe.log'),
    stopSignals: { first: 'SIGTERM', forced: 'SIGKILL' },
    stopWithinMs: 500,
    readyWithinMs: 10_000,
    isReady: async () => true,
    onSpawned: async () => undefined,
    onReplaced: async () => undefined,
  });
  const never = new AbortController().signal;

  it('starts again what was killed, and stops for good', async () => {
    let replaced = (): void => undefined;
    const back = new Promise<void>((resolve) => (replaced = resolve));
    const child = new Child({ ...plan('setInterval(() => {}, 1000)'), onReplaced: async () => replaced() });
    await child.start(never);
    const first = child.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await back;
    expect(child.pid).not.toBe(first);
    const second = child.pid ?? 0;
    await child.stop();
    expect(await identifyProcess(second)).toBeUndefined();
  });

  it('forces what does not end by itself', async () => {
    const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')";
    const log = path.join(folder, 'probe.log');
    const isReady = async (): Promise<boolean> => (await readFile(log, 'utf8')).includes('up\n');
    const child = new Child({ ...plan(stubborn), isReady });
    await child.start(never);
    const pid = child.pid ?? 0;
    await child.stop();
    expect(await identifyProcess(pid)).toBeUndefined();
  });

  it('says how it ended and its last words where it does not come up', async () => {
    const child = new Child({
      ...plan("console.error('no disk'); process.exit(3)"),
      isReady: async () => false,
    });
    await expect(child.start(never)).rejects.toThrow(/exit code 3.*no disk/);
    await child.stop();
  });

  it('says so where there is no such program', async () => {
    const command = async (): Promise<{ file: string; args: string[] }> => ({
      file: '/nowhere/program',
      args: [],
    });
    const child = new Child({ ...plan(''), command, isReady: async () => false });
    await expect(child.start(never)).rejects.toThrow('ENOENT');
    await child.stop();
  });
});
