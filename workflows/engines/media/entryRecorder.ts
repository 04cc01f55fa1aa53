import { manifestLine, type ManifestEntry } from '#schema/domain';
import { Arena } from './arena.js';
import type { ContentStore } from './contentStore.js';
import type { LineWriter } from './lineWriter.js';
import { pathFields, targetFields, timeFields } from './mediaEntry.js';
import { MediaWarnings } from './mediaWarnings.js';
import type { KnownFile } from './scan/scanLine.js';
import type { ScanWriter } from './scan/scanWriter.js';
import type { EntryFacts, MediaSource, ReadSmall, SourceFile, Unread, Walked } from './source.js';

/** An entry that waits for its turn; small files are read meanwhile, where that takes waiting several at once. */
interface Waiting {
  walked: Walked;
  /** What it holds, where that is known without reading it. */
  known: KnownFile | null;
  reading: ReadSmall | Promise<ReadSmall>;
}

/** What is recorded together. */
interface Batch {
  entries: Waiting[];
  arena: Arena;
  bytes: number;
}

/** How much is read at once; twice as much is held, because what was read is stored meanwhile. */
const batchBytes = 4 * 1024 * 1024;

export interface RecorderOrder {
  source: MediaSource;
  contents: ContentStore;
  manifest: LineWriter;
  scan: ScanWriter;
  signal: AbortSignal;
  /** Called with the bytes of files that have been dealt with. */
  onBytes: (bytes: number) => void;
}

/** Takes entries in the order of the walk, stores what files hold, and writes their lines in the same order. */
export class EntryRecorder {
  readonly warnings: MediaWarnings;
  /** Bytes of the files; each path counts. */
  size = 0;
  files = 0;
  entries = 0;
  /** What is recorded next, and what is gathered meanwhile. */
  private next: Batch;
  private gathered: Batch;
  /** Files with several names: identity → the first path that was read. */
  private readonly firstPaths = new Map<string, string>();

  constructor(private readonly order: RecorderOrder) {
    const { source } = order;
    this.warnings = new MediaWarnings(source);
    const batch = () => ({ entries: [], arena: new Arena(batchBytes + source.smallBytes), bytes: 0 });
    this.next = batch();
    this.gathered = batch();
  }

  /** Takes the next entry; `known` is what it holds where that is known without reading it. */
  add(walked: Walked, known: KnownFile | null): Promise<void> | undefined {
    const { smallBytes, batchFiles } = this.order.source;
    const { entries, arena } = this.gathered;
    let reading: ReadSmall | Promise<ReadSmall> = null;
    const isRead =
      !known && walked.kind === 'file' && walked.facts.size <= smallBytes && !this.isLinked(walked);
    // What neither waits nor has to wait for others is not kept: a million of them would cost more than their lines.
    if (!isRead && entries.length === 0 && this.next.entries.length === 0) {
      return this.record(walked, known, null);
    }
    if (isRead) {
      reading = walked.readSmall(smallBytes, (size) => arena.take(size));
      // Thrown when its turn comes, which it may not.
      if (reading instanceof Promise) reading.catch(() => undefined);
      this.gathered.bytes += walked.facts.size;
    }
    entries.push({ walked, known, reading });
    return entries.length >= batchFiles || this.gathered.bytes >= batchBytes ? this.recordNext() : undefined;
  }

  /** Deals with all that waits. */
  async flush(): Promise<void> {
    await this.recordNext();
    await this.recordNext();
  }

  /** Records a batch while the one after it is being read. */
  private async recordNext(): Promise<void> {
    const batch = this.next;
    this.next = this.gathered;
    const read = await Promise.all(batch.entries.map(({ reading }) => reading));
    await this.order.contents.recall(read.flatMap((file) => (file && 'sha256' in file ? [file.sha256] : [])));
    for (const [index, { walked, known }] of batch.entries.entries()) {
      this.order.signal.throwIfAborted();
      await this.record(walked, known, read[index] ?? null);
    }
    batch.entries = [];
    batch.bytes = 0;
    batch.arena.clear();
    this.gathered = batch;
  }

  private record(walked: Walked, known: KnownFile | null, read: ReadSmall): Promise<void> | undefined {
    switch (walked.kind) {
      case 'file':
        return known && !this.firstPathOf(walked)
          ? this.file(walked.facts, known)
          : this.recordFile(walked, read);
      case 'directory':
        return this.line(walked.path, walked.facts, { type: 'directory' });
      case 'symlink':
        return this.line(walked.path, walked.facts, { type: 'symlink', ...targetFields(walked.target) });
      case 'problem':
        return this.problem(walked, walked);
      case 'lost':
        this.warnings.add('vanished', walked.path);
        return undefined;
    }
  }

  private async recordFile(walked: SourceFile, read: ReadSmall): Promise<void> {
    const { contents, onBytes } = this.order;
    const { path, facts } = walked;
    const first = this.firstPathOf(walked);
    if (first !== undefined) return this.line(path, facts, { type: 'hardlink', ...targetFields(first) });
    if (read && 'content' in read) return this.file(read.facts, await contents.addSmall(path, read));
    let told = 0;
    const tell = (bytes: number) => {
      told += bytes;
      onBytes(bytes);
    };
    const large = read ?? (await contents.addLarge(walked, tell));
    if ('known' in large) return this.file(large.facts, large.known, told);
    onBytes(Math.max(0, facts.size - told));
    return this.problem({ path, facts, type: 'file' }, large);
  }

  /** Records a file that is held; `told` are the bytes of it that were told of before. */
  private file(facts: EntryFacts, known: KnownFile, told = 0): Promise<void> | undefined {
    const { path, size, sha256 } = known;
    if (facts.identity !== null) this.firstPaths.set(facts.identity, path);
    this.size += size;
    this.files += 1;
    this.order.onBytes(Math.max(0, size - told));
    const scanned = this.order.scan.add(known);
    const listed = this.line(path, facts, { type: 'file', size, sha256 });
    return scanned && listed ? Promise.all([scanned, listed]).then(() => undefined) : (scanned ?? listed);
  }

  private problem(
    { path, facts, type }: { path: string; facts: EntryFacts | null; type: 'file' | 'directory' },
    { cause, problem }: Unread,
  ): Promise<void> | undefined {
    this.warnings.add(cause, path);
    return this.line(path, facts, { type, problem });
  }

  private line(
    path: string,
    facts: EntryFacts | null,
    fields: Omit<ManifestEntry, 'path' | 'mtime' | 'mode'>,
  ): Promise<void> | undefined {
    this.entries += 1;
    return this.order.manifest.add(manifestLine(Object.assign(pathFields(path), timeFields(facts), fields)));
  }

  /** The path of the file’s first name where that was recorded. */
  private firstPathOf({ facts: { identity } }: SourceFile): string | undefined {
    return identity === null ? undefined : this.firstPaths.get(identity);
  }

  /** Whether the file’s first name was read already or waits to be. */
  private isLinked({ facts: { identity } }: SourceFile): boolean {
    if (identity === null) return false;
    const isSame = ({ walked }: Waiting) => walked.kind === 'file' && walked.facts.identity === identity;
    return (
      this.firstPaths.has(identity) || this.next.entries.some(isSame) || this.gathered.entries.some(isSame)
    );
  }
}
