import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ManifestEntry } from '#schema/domain';
import type { CopiedMedia } from '../../../workflows/engines/media/copyMedia.js';
import { S3Server } from '../../support/s3Server.js';
import {
  archive,
  archiveAt,
  archiveFile,
  entriesSeen,
  unpacked,
  unpackedByAnyone,
  type SeenEntry,
} from './archiveBench.js';
import { copy, entriesOf, put, sha256, useMediaBench } from './mediaBench.js';
import { anyChange, apply } from './mediaChanges.js';
import { MediaHistory, pathsBelow, treeOn } from './mediaHistory.js';
import { crafted, partOf } from './restore/mediaRestoreBench.js';
import { storageIn } from './s3Bench.js';
import { content } from './storage.suite.js';

const bench = useMediaBench();
let server: S3Server;
beforeAll(async () => {
  server = await S3Server.start();
});
afterAll(() => server.remove());

const fewAtOnce = { files: 3, batchBytes: 30_000, batchEntries: 4 };

/** What a manifest says that an archive holds, as Python would see it: in the order of the names in the tar. */
function expected(entries: ManifestEntry[]): SeenEntry[] {
  const bytes = (text: string | undefined, base64: string | undefined) =>
    Buffer.from(text ?? base64 ?? '', text === undefined ? 'base64' : 'utf8').toString('latin1');
  return entries
    .filter(({ problem }) => problem === undefined)
    .map(({ path, pathBase64, type, size, mode, mtime, target, targetBase64, sha256: hash }) => {
      const to = bytes(target, targetBase64);
      return {
        name: `media/${bytes(path, pathBase64)}`,
        kind: type,
        size: size ?? 0,
        mode,
        mtime: inDecimals(mtime),
        target: type === 'hardlink' ? `media/${to}` : to,
        sha256: hash ?? null,
      };
    })
    .sort((a, b) => (nameInTar(a) < nameInTar(b) ? -1 : 1));
}

/** One character for each byte, as `SeenEntry` has them. */
function nameInTar({ name, kind }: SeenEntry): string {
  return kind === 'directory' ? `${name}/` : name;
}

function inDecimals(mtime: string): string {
  const [, whole = '', part = ''] = /^(.*)\.(\d{9})Z$/.exec(mtime) ?? [];
  const ns = BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(part);
  const size = ns < 0n ? -ns : ns;
  const rest = String(size % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${ns < 0n ? '-' : ''}${size / 1_000_000_000n}${rest && `.${rest}`}`;
}

/** A folder with everything that is odd. */
function putZoo(): void {
  put(bench, 'a/b/deep.txt', 'hello');
  put(bench, 'a-b', 'hello');
  put(bench, 'a/0', 'zero');
  put(bench, 'a.b');
  put(bench, 'empty', '');
  put(bench, Buffer.from([0x6e, 0xff, 0xfe, 0x2f, 0x80]), 'odd bytes');
  put(bench, Buffer.concat([Buffer.alloc(255, 0xff)]), 'long odd bytes');
  put(bench, 'Ünïcødé/表.txt', 'unicode');
  put(bench, '🦊/🐛.jpg', 'emoji');
  put(bench, `${'🦊'.repeat(63)}/last`, 'long emoji');
  put(bench, 'line\nfeed "quoted"\\', 'names');
  put(bench, `${'long/'.repeat(60)}${'n'.repeat(255)}`, 'long');
  for (let length = 90; length < 104; length += 1) put(bench, 'x'.repeat(length), `${length}`);
  put(bench, 'large', randomBytes(3_500_000));
  put(bench, 'again/large', readFileSync(join(bench.root, 'large')));
  mkdirSync(join(bench.root, 'nothing'));
  symlinkSync('a/0', join(bench.root, 'link'));
  symlinkSync('../nowhere/at/all', join(bench.root, 'dangling'));
  symlinkSync('/etc', join(bench.root, 'outside'));
  symlinkSync(Buffer.from([0xff]) as unknown as string, join(bench.root, 'oddlink'));
  symlinkSync(`${'ü/'.repeat(200)}end`, join(bench.root, 'long link'));
  linkSync(join(bench.root, 'a/0'), join(bench.root, 'z-second-name'));
  linkSync(join(bench.root, 'a/0'), join(bench.root, 'nothing/third-name'));
  linkSync(join(bench.root, `${'long/'.repeat(60)}${'n'.repeat(255)}`), join(bench.root, 'm-long'));
  const sparse = openSync(join(bench.root, 'sparse'), 'w');
  writeSync(sparse, 'begin');
  writeSync(sparse, 'end', 6_000_000);
  ftruncateSync(sparse, 20_000_000);
  closeSync(sparse);
  chmodSync(join(bench.root, 'a.b'), 0o640);
  chmodSync(join(bench.root, 'a-b'), 0o400);
  chmodSync(join(bench.root, 'a'), 0o2550);
  utimesSync(join(bench.root, 'a.b'), 1_000, 1_700_000_000);
  utimesSync(join(bench.root, 'a'), 1_000, 1_600_000_000.123456);
  utimesSync(join(bench.root, 'empty'), 5_000, -4_000);
  utimesSync(join(bench.root, 'a/0'), 5_000, 20_000_000_000.25);
  lutimesSync(join(bench.root, 'link'), 5, 5);
}

/** That an archive is as its manifest says, which comes first as it is stored. */
async function requireRight(copied: CopiedMedia, storage = bench.storage): Promise<string> {
  const file = await archiveFile(bench, storage);
  const entries = await entriesOf({ ...bench, storage }, copied);
  const [first, ...others] = await entriesSeen(file);
  expect(first).toMatchObject({ name: 'manifest.jsonl', kind: 'file', sha256: copied.manifest.sha256 });
  expect(others).toEqual(expected(entries));
  return file;
}

test('a zoo of entries comes out of tar, bsdtar and Python as it was', async () => {
  putZoo();
  const copied = await copy(bench, { packBytes: 1_000_000 });
  const seen: Array<{ doneBytes: number; totalBytes: number | null }> = [];
  const written = await archive(bench, partOf(copied), { onProgress: (progress) => seen.push(progress) });
  const bytes = await content(bench.storage, archiveAt);
  expect(written).toEqual({ size: bytes.length, sha256: sha256(bytes) });
  expect(seen[0]).toEqual({ doneBytes: 0, totalBytes: null });
  expect(seen.at(-1)).toEqual({ doneBytes: bytes.length, totalBytes: bytes.length });
  const file = await requireRight(copied);
  const tree = treeOn(bench);
  for (const program of ['tar', 'bsdtar'] as const) {
    for (const locale of ['C', 'C.UTF-8']) {
      const folder = await unpacked(bench, file, program, locale);
      expect(treeOn({ ...bench, root: join(folder, 'media') }), `${program} in ${locale}`).toEqual(tree);
      expect(readFileSync(join(folder, 'manifest.jsonl'))).toEqual(
        gunzipSync(await content(bench.storage, copied.manifest.key)),
      );
    }
  }
  // However little is held at once, it is the same to the byte.
  expect(await archive(bench, partOf(copied), { limits: fewAtOnce })).toEqual(written);
});

test('whoever unpacks need not be root: folders are closed to writing once all is in them', async () => {
  for (const path of ['a-b', 'a-/in', 'a/0', 'a/in-x', 'a/in/0', 'a/in/deep/0', 'a.b/0']) put(bench, path);
  for (const path of ['a/none', 'a/none-either', 'e']) mkdirSync(join(bench.root, path));
  linkSync(join(bench.root, 'a/in/deep/0'), join(bench.root, 'link'));
  const modes = { 'a/in/deep': 0o500, 'a/in': 0o700, 'a/none': 0o555, a: 0o555, 'a-': 0o555, 'a.b': 0o500 };
  for (const [path, mode] of Object.entries(modes)) chmodSync(join(bench.root, path), mode);
  for (const [number, path] of pathsBelow(bench.root).entries()) {
    utimesSync(join(bench.root, path), 1_000, 1_600_000_000.25 + number);
  }
  const tree = treeOn(bench);
  try {
    const copied = await copy(bench);
    await archive(bench, partOf(copied));
    const file = await requireRight(copied);
    for (const program of ['tar', 'bsdtar', 'python3'] as const) {
      const folder = await unpackedByAnyone(bench, file, program);
      expect(treeOn({ ...bench, root: join(folder, 'media') }), program).toEqual(tree);
    }
  } finally {
    // Whoever is not root could else not remove them.
    execFileSync('chmod', ['-R', 'u+w', bench.folder]);
  }
});

test('an empty folder is an archive of the list alone', async () => {
  const copied = await copy(bench);
  await archive(bench, partOf(copied));
  expect(await entriesSeen(await archiveFile(bench))).toMatchObject([{ name: 'manifest.jsonl', size: 0 }]);
});

test('what the backup could not hold stands in the list only', async () => {
  put(bench, 'there');
  put(bench, 'too');
  execFileSync('mkfifo', [join(bench.root, 'pipe')]);
  const copied = await copy(bench);
  await archive(bench, partOf(copied));
  const file = await requireRight(copied);
  expect((await entriesSeen(file)).map(({ name }) => name)).toEqual([
    'manifest.jsonl',
    'media/there',
    'media/too',
  ]);
});

test('folders that the backup could not hold are none', async () => {
  const folder = { type: 'directory', mode: '0755' } as const;
  const problem = 'cannot be read';
  const part = await crafted(bench.storage, [
    { ...folder, path: 'a' },
    { ...folder, path: 'a', problem },
    { type: 'symlink', path: 'a-b', target: 'a' },
    { ...folder, path: 'a/gone', problem },
    { ...folder, path: 'b', problem },
    { ...folder, path: 'c' },
  ]);
  const { size } = await archive(bench, part);
  const file = await archiveFile(bench);
  expect(statSync(file).size).toBe(size);
  const [, ...seen] = await entriesSeen(file);
  expect(seen.map(({ name, kind }) => [name, kind])).toEqual([
    ['media/a-b', 'symlink'],
    ['media/a', 'directory'],
    ['media/c', 'directory'],
  ]);
});

test('many files that hold the same', async () => {
  for (let i = 0; i < 3_000; i += 1) put(bench, `d${i % 7}/f${i}`, i % 3 === 0 ? '' : 'same');
  const copied = await copy(bench);
  await archive(bench, partOf(copied));
  await requireRight(copied);
});

test('media from a bucket', async () => {
  const storage = storageIn(server, await server.makeBucket());
  for (let i = 0; i < 30; i += 1) put(bench, `d/${i}`, randomBytes(i * 1_000));
  put(bench, 'large', randomBytes(12_000_000));
  put(bench, 'z', 'last');
  const copied = await copy(bench, { storage, packBytes: 20_000_000 });
  const written = await archive(bench, partOf(copied), { storage });
  await requireRight(copied, storage);
  expect(await archive(bench, partOf(copied), { storage, limits: fewAtOnce })).toEqual(written);
});

test('any tree, from incremental backups of many packs, is archived as it was', async () => {
  const history = new MediaHistory(bench);
  await fc.assert(
    fc.asyncProperty(fc.array(anyChange, { minLength: 5, maxLength: 30 }), async (changes) => {
      for (const change of changes) apply(bench.root, change);
      const copied = await history.backUp({ packBytes: 40_000 });
      await archive(bench, partOf(copied), { limits: { ...fewAtOnce, files: 1 + (changes.length % 5) } });
      await requireRight(copied);
    }),
    { numRuns: 15 },
  );
});
