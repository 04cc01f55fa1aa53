import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { expect } from 'vitest';
import { packIndexKey, packKey, packListKey, nanosecondsToTime, type ManifestEntry } from '#schema/domain';
import type { CopiedMedia } from '../../../workflows/engines/media/copyMedia.js';
import type { CopyMediaOrder, OwnPack } from '../../../workflows/engines/media/copyMediaOrder.js';
import type { FinishedPack } from '../../../workflows/engines/media/packWriter.js';
import { contentsIn, copy, entriesOf, place, settleMs, sha256, type MediaBench } from './mediaBench.js';
import { until } from '../../support/until.js';
import { keysOf } from './storage.suite.js';

/** What a backup has made of a media folder: path → what is there, in words. */
export type Tree = Map<string, string>;

/** Backups of one folder, each knowing what the ones before it stored, as the catalogue would tell. */
export class MediaHistory {
  readonly backups: CopiedMedia[] = [];
  /** Contents (hex) by the pack that holds them. */
  readonly contents = new Map<string, string>();
  /** Packs that were completed by attempts since the last backup. */
  own: OwnPack[] = [];
  private readonly lists = new Set<string>();

  constructor(private readonly bench: MediaBench) {}

  /** Makes the next backup; with `isBlind` nothing is known by its hash, so that whatever is read is stored. */
  async backUp(more: Partial<CopyMediaOrder> = {}, isBlind = false): Promise<CopiedMedia> {
    const copied = await copy(this.bench, {
      backupId: `b${this.backups.length}`,
      previous: this.previous(),
      ownPacks: this.own,
      ...(!isBlind && this.contents.size > 0 && { knownHashes: async (asked) => this.known(asked) }),
      onPackDone: async (pack) => this.done(pack),
      ...more,
    });
    this.backups.push(copied);
    this.own = [];
    for (const key of this.lists) await this.bench.storage.remove(key);
    this.lists.clear();
    return copied;
  }

  /** The newest backup as the one before the next. */
  previous(): CopyMediaOrder['previous'] {
    const last = this.backups.at(-1);
    return last ? { ...last.scan, bytes: last.size, packs: packsOf(last) } : null;
  }

  /** Storage holds what its backups are made of, and nothing else. */
  async requireExplained(): Promise<void> {
    const named = this.backups.flatMap((copied) => [
      copied.manifest.key,
      copied.scan.key,
      ...packsOf(copied).flatMap((id) => [packKey(place, id), packIndexKey(place, id)]),
    ]);
    expect(await keysOf(this.bench.storage, '')).toEqual([...new Set(named)].sort());
  }

  private done({ id, size, indexSize, hashes, listSha256 }: FinishedPack): void {
    for (let at = 0; at < hashes.length; at += 32) {
      const hash = hashes.toString('hex', at, at + 32);
      if (!this.contents.has(hash)) this.contents.set(hash, id);
    }
    this.own.push({ id, storedSize: size + indexSize, listSha256 });
    if (listSha256 !== null) this.lists.add(packListKey(place, id));
  }

  private known(asked: string[]): Map<string, string> {
    return new Map(
      asked.flatMap((hash) => {
        const pack = this.contents.get(hash);
        return pack === undefined ? [] : [[hash, pack] as const];
      }),
    );
  }
}

/** Every pack that a backup needs. */
export function packsOf(copied: CopiedMedia): string[] {
  return [...copied.packs.map(({ id }) => id), ...copied.reusedPacks];
}

/** The tree that manifest, indexes and packs give back. */
export async function treeIn(bench: MediaBench, copied: CopiedMedia): Promise<Tree> {
  const contents = await contentsIn(bench, packsOf(copied));
  const entries = await entriesOf(bench, copied);
  const inWords = (entry: ManifestEntry) => {
    const times = `${entry.mtime} ${entry.mode}`;
    const target = pathOf(entry.target, entry.targetBase64);
    switch (entry.type) {
      case 'file':
        return `file ${times} ${sha256(contents.get(entry.sha256 ?? '') ?? 'missing')}`;
      case 'hardlink':
        return `hardlink ${times} ${target}`;
      case 'symlink':
        return `symlink ${entry.mtime} ${target}`;
      case 'directory':
        return `directory ${times}`;
    }
  };
  return new Map(entries.map((entry) => [pathOf(entry.path, entry.pathBase64), inWords(entry)]));
}

/** The tree that is there. */
export function treeOn({ root }: MediaBench): Tree {
  const first = new Map<bigint, string>();
  const tree: Tree = new Map();
  for (const path of pathsBelow(root).sort()) {
    const whole = bytesBelow(root, path);
    const stats = lstatSync(whole, { bigint: true });
    const mtime = nanosecondsToTime(stats.mtimeNs);
    const mode = Number(stats.mode & 0o7777n);
    const times = `${mtime} ${mode.toString(8).padStart(4, '0')}`;
    const earlier = first.get(stats.ino);
    if (stats.isDirectory()) tree.set(path, `directory ${times}`);
    else if (stats.isSymbolicLink()) {
      tree.set(path, `symlink ${mtime} ${readlinkSync(whole, { encoding: 'latin1' })}`);
    } else if (earlier === undefined) {
      first.set(stats.ino, path);
      tree.set(path, `file ${times} ${sha256(readFileSync(whole))}`);
    } else tree.set(path, `hardlink ${times} ${earlier}`);
  }
  return tree;
}

/** Waits until nothing in the folder changed a moment ago. */
export function settled({ root }: MediaBench): Promise<unknown> {
  const newest = Math.max(
    ...pathsBelow(root).map((path) => {
      const { ctimeMs, mtimeMs } = lstatSync(bytesBelow(root, path));
      return Math.max(ctimeMs, mtimeMs);
    }),
  );
  return until('the files are settled', 30_000, async () => Date.now() - newest > settleMs + 100);
}

/** Every path below a folder, with one character for each byte. */
export function pathsBelow(root: string, folder = ''): string[] {
  return readdirSync(bytesBelow(root, folder), { encoding: 'latin1' }).flatMap((name) => {
    const path = `${folder}${name}`;
    const isFolder = lstatSync(bytesBelow(root, path)).isDirectory();
    return isFolder ? [path, ...pathsBelow(root, `${path}/`)] : [path];
  });
}

/** Such a path as the file system takes it. */
export function bytesBelow(root: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);
}

function pathOf(text: string | undefined, base64: string | undefined): string {
  return Buffer.from(text ?? base64 ?? '', text === undefined ? 'base64' : 'utf8').toString('latin1');
}
