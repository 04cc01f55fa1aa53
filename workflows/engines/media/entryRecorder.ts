import type { BigIntStats } from 'node:fs';
import type { ManifestEntry } from '#schema/domain';
import type { ContentStore } from './contentStore.js';
import type { ManifestWriter } from './manifestWriter.js';
import { pathFields, statFields, targetFields } from './mediaEntry.js';
import { MediaWarnings } from './mediaWarnings.js';
import { readSmallFile, type SmallFile, type Unread } from './readFile.js';
import type { Walked } from './walk.js';

type WalkedFile = Extract<Walked, { kind: 'file' }>;
type Read = SmallFile | Unread | null;

/** An entry that waits for its turn; small files are being read meanwhile, several at once. */
interface Waiting {
  walked: Walked;
  reading: Promise<Read> | null;
}

const smallBytes = 1024 * 1024;
const batchBytes = 8 * smallBytes;
const batchEntries = 64;

export interface RecorderOrder {
  root: string;
  contents: ContentStore;
  manifest: ManifestWriter;
  signal: AbortSignal;
  /** Called with the bytes of files that have been dealt with. */
  onBytes: (bytes: number) => void;
}

/** Takes entries in the order of the walk, stores what files hold, and writes their lines in the same order. */
export class EntryRecorder {
  readonly warnings = new MediaWarnings();
  size = 0;
  files = 0;
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  /** Files with several names: device and number → the first path that was read. */
  private readonly firstPaths = new Map<string, Buffer>();

  constructor(private readonly order: RecorderOrder) {}

  async add(walked: Walked): Promise<void> {
    if (walked.kind === 'file' && walked.stats.size <= BigInt(smallBytes) && !this.isLinked(walked)) {
      this.waiting.push({ walked, reading: readSmallFile(this.absolute(walked.path), smallBytes) });
      this.waitingBytes += Number(walked.stats.size);
    } else {
      this.waiting.push({ walked, reading: null });
    }
    if (this.waiting.length >= batchEntries || this.waitingBytes >= batchBytes) await this.flush();
  }

  /** Deals with all that waits. */
  async flush(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    const read = await Promise.all(batch.map(({ reading }) => reading));
    await this.order.contents.recall(read.flatMap((file) => (file && 'sha256' in file ? [file.sha256] : [])));
    for (const [index, { walked }] of batch.entries()) {
      this.order.signal.throwIfAborted();
      await this.record(walked, read[index] ?? null);
    }
  }

  private async record(walked: Walked, read: Read): Promise<void> {
    const { path } = walked;
    switch (walked.kind) {
      case 'file':
        return this.recordFile(walked, read);
      case 'directory':
        return this.line(path, walked.stats, { type: 'directory' });
      case 'symlink':
        return this.line(path, walked.stats, { type: 'symlink', ...targetFields(walked.target) });
      case 'problem':
        return this.problem(path, walked.stats, walked);
      case 'lost':
        return this.warnings.add('vanished', path);
    }
  }

  private async recordFile({ path, stats }: WalkedFile, read: Read): Promise<void> {
    const { contents, onBytes } = this.order;
    const identity = `${stats.dev}:${stats.ino}`;
    const first = this.firstPaths.get(identity);
    if (first) return this.line(path, stats, { type: 'hardlink', ...targetFields(first) });
    let told = 0;
    const tell = (bytes: number) => {
      told += bytes;
      onBytes(bytes);
    };
    const file = read ?? (await contents.addLarge(this.absolute(path), path, tell));
    if ('problem' in file) {
      onBytes(Math.max(0, Number(stats.size) - told));
      return this.problem(path, stats, file);
    }
    if (read && 'content' in read) {
      await contents.addSmall(path, read);
      onBytes(read.content.length);
    }
    const size = Number(file.stats.size);
    if (file.stats.nlink > 1n) this.firstPaths.set(`${file.stats.dev}:${file.stats.ino}`, path);
    this.size += size;
    this.files += 1;
    return this.line(path, file.stats, { type: 'file', size, sha256: file.sha256.toString('hex') });
  }

  private problem(path: Buffer, stats: BigIntStats | null, { cause, problem }: Unread): Promise<void> {
    this.warnings.add(cause, path);
    return this.line(path, stats, { type: stats?.isDirectory() ? 'directory' : 'file', problem });
  }

  private line(
    path: Buffer,
    stats: BigIntStats | null,
    fields: Omit<ManifestEntry, 'path' | 'mtime' | 'mode'>,
  ): Promise<void> {
    return this.order.manifest.add({ ...pathFields(path), ...fields, ...statFields(stats) });
  }

  /** Whether the file's first name was read already or waits to be. */
  private isLinked({ stats }: WalkedFile): boolean {
    if (stats.nlink === 1n) return false;
    const isSame = ({ walked }: Waiting) =>
      walked.kind === 'file' && walked.stats.ino === stats.ino && walked.stats.dev === stats.dev;
    return this.firstPaths.has(`${stats.dev}:${stats.ino}`) || this.waiting.some(isSame);
  }

  private absolute(path: Buffer): Buffer {
    return Buffer.concat([Buffer.from(this.order.root), Buffer.from('/'), path]);
  }
}
