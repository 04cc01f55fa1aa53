import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MediaPartDocument } from '#schema/domain';
import { archiveMedia, type MediaArchive } from '../../../workflows/engines/media/archive/archiveMedia.js';
import type { ArchiveMediaOrder } from '../../../workflows/engines/media/archive/archiveMediaOrder.js';
import { place, type MediaBench } from './mediaBench.js';
import { content } from './storage.suite.js';

const run = promisify(execFile);

export const archiveAt = 'v1/p/e/downloads/d/run-1/media.tar';

/** Archives a part. */
export function archive(
  bench: MediaBench,
  part: MediaPartDocument,
  more: Partial<ArchiveMediaOrder> = {},
): Promise<MediaArchive> {
  return archiveMedia({
    storage: bench.storage,
    place,
    part,
    key: archiveAt,
    signal: new AbortController().signal,
    stallMs: 60_000,
    onProgress: () => undefined,
    ...more,
  });
}

/** The archive as a file beside the media folder; answers its path. */
export async function archiveFile(bench: MediaBench, storage = bench.storage): Promise<string> {
  const path = join(bench.folder, 'media.tar');
  await writeFile(path, await content(storage, archiveAt));
  return path;
}

/** Unpacks with a program and in a locale; answers the folder that it made. */
export async function unpacked(
  bench: MediaBench,
  file: string,
  program: 'tar' | 'bsdtar',
  locale: string,
): Promise<string> {
  const folder = join(bench.folder, 'unpacked');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const options = program === 'tar' ? ['--warning=no-timestamp'] : [];
  const { stderr } = await run(program, [...options, '-xpf', file, '-C', folder], {
    env: { ...process.env, LC_ALL: locale },
  });
  if (stderr !== '') throw new Error(`${program} said: ${stderr}`);
  return folder;
}

/** Somebody who is not root, where the tests run as root; else whoever runs them. */
const anyone = process.getuid?.() === 0 ? 65_534 : null;

/** Python ends being root by itself: it may be installed where nobody else may look. */
const unpackScript = `
import os, sys, tarfile
file, folder, user = sys.argv[1:]
with tarfile.open(file, 'r:') as tar:
    if user != '':
        os.setgroups([])
        os.setgid(int(user))
        os.setuid(int(user))
    tar.extraction_filter = lambda member, path: member
    tar.extractall(folder)
`;

/** Unpacks as an ordinary user does, without any option; answers the folder that it made. */
export async function unpackedByAnyone(
  bench: MediaBench,
  file: string,
  program: 'tar' | 'bsdtar' | 'python3',
): Promise<string> {
  const folder = join(bench.folder, `unpacked-by-${program}`);
  mkdirSync(folder);
  chmodSync(bench.folder, 0o755);
  if (anyone !== null) chownSync(folder, anyone, anyone);
  const { stderr } =
    program === 'python3'
      ? await run(program, ['-c', unpackScript, file, folder, String(anyone ?? '')])
      : await run(program, ['-xf', file, '-C', folder], anyone === null ? {} : { uid: anyone, gid: anyone });
  if (stderr !== '') throw new Error(`${program} said: ${stderr}`);
  return folder;
}

/** An entry as Python reads it; texts with one character for each byte. */
export interface SeenEntry {
  name: string;
  kind: 'file' | 'directory' | 'symlink' | 'hardlink';
  size: number;
  /** Octal. */
  mode: string;
  /** Seconds since 1970 in decimals, as they are written. */
  mtime: string;
  target: string;
  /** Of a file. */
  sha256: string | null;
}

const script = `
import hashlib, json, sys, tarfile
text = lambda name: name.encode('utf-8', 'surrogateescape').decode('latin1')
def seen(tar, each):
    kind = 'directory' if each.isdir() else 'symlink' if each.issym() else 'hardlink' if each.islnk() else 'file'
    digest = None
    if kind == 'file':
        digest = hashlib.sha256()
        file = tar.extractfile(each)
        while piece := file.read(1 << 20): digest.update(piece)
        digest = digest.hexdigest()
    return dict(name=text(each.name), kind=kind, size=each.size, mode='%04o' % each.mode, target=text(each.linkname),
                mtime=each.pax_headers.get('mtime', str(each.mtime)), sha256=digest)
with tarfile.open(sys.argv[1], 'r:', encoding='utf-8', errors='surrogateescape') as tar:
    json.dump([seen(tar, each) for each in tar], sys.stdout)
`;

/** Everything that an archive holds, in its order. */
export async function entriesSeen(file: string): Promise<SeenEntry[]> {
  const { stdout } = await run('python3', ['-c', script, file], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout) as SeenEntry[];
}
