import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { DownloadFile } from '#schema/entities';
import { audited, get, makeFile, operator, storage } from './downloadFixture.js';
import { api } from './restoreFixture.js';
import { bearer, bodyOf, bytes, download, file, mine, minted, site, useFiles } from './downloadSite.js';

const curl = promisify(execFile);

useFiles();

describe('a file', () => {
  test('comes whole, and says all that downloaders want to know', async () => {
    const answer = await mine();
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-store, no-transform',
      'content-disposition': `attachment; filename=${file.name}`,
      'content-length': String(file.size),
      'content-type': 'application/octet-stream',
      etag: `"${file.sha256}"`,
      'last-modified': 'Sun, 22 Nov 2026 04:05:06 GMT',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect((await bodyOf(answer)).equals(bytes)).toBe(true);
  });

  test('is a tar where it holds media, and may be empty', async () => {
    const { file: media } = await makeFile(download, 0, 'MEDIA');
    const answer = await get(site.at(media), bearer(operator.token));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/x-tar');
    expect(answer.headers.get('content-length')).toBe('0');
    expect(await bodyOf(answer)).toHaveLength(0);
  });

  test('is announced by HEAD, which is no use of it', async () => {
    const answer = await mine({}, 'HEAD');
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(file.size)]);
    const part = await mine({ range: 'bytes=10-19' }, 'HEAD');
    expect([part.status, part.headers.get('content-length')]).toEqual([200, String(file.size)]);
    expect(await audited(download.id)).toEqual([]);
    expect((await mine({}, 'POST')).status).toBe(405);
  });

  test.each<[string, (size: number) => [number, number]]>([
    ['bytes=0-0', () => [0, 0]],
    ['bytes=100-199', () => [100, 199]],
    ['bytes=299990-', (size) => [299_990, size - 1]],
    ['bytes=-10', (size) => [size - 10, size - 1]],
    ['bytes=-99999999', (size) => [0, size - 1]],
    ['bytes=5-99999999', (size) => [5, size - 1]],
    ['bytes=0-9,10-19', () => [0, 19]],
  ])('comes in part by Range: %s', async (range, of) => {
    const [start, end] = of(file.size);
    const answer = await mine({ range });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${end}/${file.size}`);
    expect(answer.headers.get('content-length')).toBe(String(end - start + 1));
    expect((await bodyOf(answer)).equals(bytes.subarray(start, end + 1))).toBe(true);
  });

  test.each(['bytes=0-9,50-59', 'lines=1-2', 'bytes', 'bytes=x-y', 'bytes=5-2'])(
    'comes whole where one part cannot be told: %s',
    async (range) => {
      const answer = await mine({ range });
      expect(answer.status).toBe(200);
      expect((await bodyOf(answer)).equals(bytes)).toBe(true);
    },
  );

  test('has nothing beyond its end', async () => {
    const answer = await mine({ range: `bytes=${file.size}-` });
    expect([answer.status, answer.headers.get('content-range')]).toEqual([416, `bytes */${file.size}`]);
    expect(await audited(download.id)).toEqual([]);
  });

  test('is asked for on conditions', async () => {
    const etag = `"${file.sha256}"`;
    const date = 'Sun, 22 Nov 2026 04:05:06 GMT';
    const earlier = 'Sun, 22 Nov 2026 04:05:05 GMT';
    const later = 'Sun, 22 Nov 2026 04:05:07 GMT';
    const range = 'bytes=0-9';
    const cases: Array<[Record<string, string>, number]> = [
      [{ 'if-none-match': etag }, 304],
      [{ 'if-none-match': `"x", W/${etag}` }, 304],
      [{ 'if-none-match': '"x"' }, 200],
      [{ 'if-modified-since': date }, 304],
      [{ 'if-modified-since': earlier }, 200],
      [{ 'if-match': etag }, 200],
      [{ 'if-match': '*' }, 200],
      [{ 'if-match': '"x"' }, 412],
      [{ 'if-match': `W/${etag}` }, 412],
      [{ 'if-unmodified-since': earlier }, 412],
      [{ 'if-unmodified-since': date }, 200],
      [{ range, 'if-range': etag }, 206],
      [{ range, 'if-range': '"x"' }, 200],
      [{ range, 'if-range': `W/${etag}` }, 200],
      [{ range, 'if-range': date }, 206],
      [{ range, 'if-range': later }, 200],
      [{ range, 'if-range': 'nonsense' }, 200],
    ];
    for (const [headers, status] of cases) {
      const answer = await mine(headers);
      await answer.arrayBuffer();
      expect([headers, answer.status]).toEqual([headers, status]);
    }
  });

  test('is resumed by curl -C - where it broke off', async () => {
    const target = path.join(storage, 'resumed');
    await writeFile(target, bytes.subarray(0, 123_456));
    const address = await minted();
    await curl('curl', ['-sS', '--fail', '-C', '-', '-o', target, address]);
    expect((await readFile(target)).equals(bytes)).toBe(true);
    expect(await audited(download.id)).toMatchObject([
      { deed: 'download', by: 'link', details: { file: file.name, range: `123456-${file.size - 1}` } },
    ]);
  });

  test('that is not in storage as it was recorded is never given in part', async () => {
    const name = path.join(storage, file.storageKey);
    await truncate(name, file.size - 1);
    for (const method of ['GET', 'HEAD']) expect((await mine({}, method)).status).toBe(404);
    await rm(name);
    expect((await mine()).status).toBe(404);
    await writeFile(`${name}-elsewhere`, bytes);
    await symlink(`${name}-elsewhere`, name);
    expect((await mine()).status).toBe(404);
    expect(await audited(download.id)).toEqual([]);
  });

  test('is not given up for lost where the whole storage is away', async () => {
    await rename(storage, `${storage}-away`);
    try {
      for (const method of ['GET', 'HEAD']) {
        const answer = await mine({}, method);
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
      }
    } finally {
      await rename(`${storage}-away`, storage);
    }
    expect((await bodyOf(await mine())).equals(bytes)).toBe(true);
  });

  test('is let go of where its use cannot be written down, and not given', async () => {
    await api.tools.catalogue.query('ALTER TABLE audit_log RENAME TO audit_log_away');
    try {
      for (let each = 0; each < 5; each += 1) expect((await mine()).status).toBe(503);
    } finally {
      await api.tools.catalogue.query('ALTER TABLE audit_log_away RENAME TO audit_log');
    }
    const open = await readdir('/proc/self/fd');
    const targets = await Promise.all(open.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    expect(targets.filter((target) => target.startsWith(storage))).toEqual([]);
  });

  test('of a name that none can have is not there', async () => {
    const address = site.at(file).replace(encodeURIComponent(file.name), 'a%00b');
    expect((await get(address, bearer(operator.token))).status).toBe(404);
  });

  test('is let go of when the reader leaves, and when the server stops', async () => {
    const { file: big, bytes: all } = await makeFile(download, 30_000_000, 'MEDIA');
    const leaves = new AbortController();
    const left = await fetch(site.at(big), { headers: bearer(operator.token), signal: leaves.signal });
    await left.body?.getReader().read();
    expect(await openFiles(big)).toBe(1);
    leaves.abort();
    await expect.poll(() => openFiles(big)).toBe(0);
    const stays = await get(site.at(big), bearer(operator.token));
    await stays.body?.getReader().read();
    site.files.stop();
    await expect.poll(() => openFiles(big)).toBe(0);
    expect(all).toHaveLength(big.size);
  });
});

/** How many descriptors of this process are open on a stored file. */
async function openFiles({ storageKey }: DownloadFile): Promise<number> {
  const names = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return names.filter((name) => name.endsWith(storageKey)).length;
}
