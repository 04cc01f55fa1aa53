import { access, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackProgram } from '../../../server/local/tools/downloadTemporal.js';
import { chooseServer } from '../../../server/local/tools/obtainPostgres.js';
import { isNewEnough } from '../../../server/local/tools/obtainTemporal.js';
import { inspectBindirs, parsePostgresVersion } from '../../../server/local/tools/postgresPlaces.js';
import { installInto, toolsFolders } from '../../../server/local/tools/toolsFolder.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-tools-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('versions', () => {
  it('reads what PostgreSQL programs say', () => {
    expect(parsePostgresVersion('postgres (PostgreSQL) 15.18 (Debian 15.18-0)')).toEqual({
      major: 15,
      version: '15.18',
    });
    expect(parsePostgresVersion('pg_dump (PostgreSQL) 19beta1')).toEqual({ major: 19, version: '19beta1' });
    expect(parsePostgresVersion('something else')).toBeUndefined();
  });

  it('passes over a Temporal that is too old', () => {
    expect(isNewEnough('temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)')).toBe(true);
    expect(isNewEnough('temporal version 2.0.0')).toBe(true);
    expect(isNewEnough('temporal version 1.4.9')).toBe(false);
    expect(isNewEnough('tctl 1.18')).toBe(false);
  });
});

describe('chooseServer', () => {
  const client = { bindir: '/c', major: 18, version: '18.1', isServer: false };
  const old = { bindir: '/old', major: 13, version: '13.1', isServer: true };
  const first = { bindir: '/a', major: 15, version: '15.1', isServer: true };
  const second = { bindir: '/b', major: 18, version: '18.1', isServer: true };
  const found = [client, old, first, second];

  it('takes the first whole server that is new enough', () => {
    expect(chooseServer(found, { major: undefined, bindir: undefined })).toBe(first);
  });

  it('takes only the major that made the cluster', () => {
    expect(chooseServer(found, { major: 18, bindir: undefined })).toBe(second);
    expect(chooseServer(found, { major: 16, bindir: undefined })).toBeUndefined();
  });

  it('takes only the folder that a person set', () => {
    expect(chooseServer(found, { major: undefined, bindir: '/b' })).toBe(second);
    expect(chooseServer(found, { major: 15, bindir: '/b' })).toBeUndefined();
  });
});

describe('inspectBindirs', () => {
  it('tells a whole server from client programs, asks their version, and leaves the rest out', async () => {
    const server = await fakeBindir(
      'server',
      ['postgres', 'initdb', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql'],
      '17.2',
    );
    const client = await fakeBindir('client', ['pg_dump', 'pg_restore', 'psql'], '18.1');
    const broken = await fakeBindir('broken', ['pg_dump'], '16.1');
    const found = await inspectBindirs([server, client, server, broken, path.join(folder, 'none')]);
    expect(found).toEqual([
      { bindir: server, major: 17, version: '17.2', isServer: true },
      { bindir: client, major: 18, version: '18.1', isServer: false },
    ]);
  });

  async function fakeBindir(name: string, programs: string[], version: string): Promise<string> {
    const bindir = path.join(folder, name);
    await mkdir(bindir);
    for (const program of programs) {
      const text = `#!/bin/sh\necho "${program} (PostgreSQL) ${version}"\n`;
      await writeFile(path.join(bindir, program), text, { mode: 0o755 });
    }
    return bindir;
  }
});

describe('toolsFolders', () => {
  it('prefers the cache folder that is set, and never a relative one', () => {
    expect(toolsFolders('/d/tools', { XDG_CACHE_HOME: '/c' })).toEqual(['/c/holdfast/tools', '/d/tools']);
    expect(toolsFolders('/d/tools', { XDG_CACHE_HOME: 'c' })[0]).toBe(
      path.join(os.homedir(), '.cache/holdfast/tools'),
    );
  });
});

describe('installInto', () => {
  const good = async (target: string): Promise<boolean> =>
    access(path.join(target, 'program')).then(
      () => true,
      () => false,
    );
  const fill =
    (text: string) =>
    async (_work: string, result: string): Promise<void> =>
      writeFile(path.join(result, 'program'), text);

  it('shows nothing under the name when it is cut off, and leaves nothing behind', async () => {
    const cutOff = async (_work: string, result: string): Promise<void> => {
      await writeFile(path.join(result, 'program'), 'half');
      throw new Error('cut off');
    };
    await expect(installInto(folder, 'tool', good, cutOff)).rejects.toThrow('cut off');
    expect(await readdir(folder)).toEqual([]);
  });

  it('lets the first of two at once win and both succeed', async () => {
    const targets = await Promise.all(
      ['a', 'b', 'c'].map((text) => installInto(folder, 'tool', good, fill(text))),
    );
    expect(new Set(targets).size).toBe(1);
    expect(await readdir(folder)).toEqual(['tool']);
    expect(['a', 'b', 'c']).toContain(await readFile(path.join(folder, 'tool', 'program'), 'utf8'));
  });

  it('replaces what does not work', async () => {
    await mkdir(path.join(folder, 'tool'));
    await writeFile(path.join(folder, 'tool', 'rubbish'), '');
    await installInto(folder, 'tool', good, fill('new'));
    expect(await readdir(path.join(folder, 'tool'))).toEqual(['program']);
  });

  it('removes what was abandoned a day ago and not what is under way', async () => {
    await mkdir(path.join(folder, '.installing-old'));
    await mkdir(path.join(folder, '.installing-now'));
    const longAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
    await utimes(path.join(folder, '.installing-old'), longAgo, longAgo);
    await installInto(folder, 'tool', good, fill('x'));
    expect((await readdir(folder)).sort()).toEqual(['.installing-now', 'tool']);
  });
});

describe('unpackProgram', () => {
  it('takes the one program out of the archive', async () => {
    const archive = pack();
    archive.entry({ name: 'LICENSE' }, 'words');
    archive.entry({ name: 'temporal' }, 'program');
    archive.finalize();
    const file = path.join(folder, 'temporal');
    await unpackProgram(Readable.from([gzipSync(await bytesOf(archive))]), file);
    expect(await readFile(file, 'utf8')).toBe('program');
  });

  it('rejects rubbish, a cut-off archive and one without the program', async () => {
    const file = path.join(folder, 'temporal');
    await expect(unpackProgram(Readable.from([Buffer.from('<html>no</html>')]), file)).rejects.toThrow();
    const archive = pack();
    archive.entry({ name: 'LICENSE' }, 'words');
    archive.finalize();
    const whole = gzipSync(await bytesOf(archive));
    await expect(unpackProgram(Readable.from([whole]), file)).rejects.toThrow('no program');
    await expect(unpackProgram(Readable.from([whole.subarray(0, 30)]), file)).rejects.toThrow();
  });

  async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece as Buffer);
    return Buffer.concat(pieces);
  }
});
