import type { ManifestEntry } from '#schema/domain';
import type { ContentStore } from './contentStore.js';
import type { ManifestWriter } from './manifestWriter.js';
import { pathFields, targetFields, timeFields } from './mediaEntry.js';
import { MediaWarnings } from './mediaWarnings.js';
import { readSmallFile, type SmallFile } from './readSmallFile.js';
import type { EntryFacts, MediaSource, SourceFile, Unread, Walked } from './source.js';

type Read = SmallFile | Unread | null;

/** An entry that waits for its turn; small files are being read meanwhile, several at once. */
interface Waiting {
  walked: Walked;
  reading: Promise<Read> | null;
}

/** How much is read at once; twice as much is held, because what was read is stored meanwhile. */
const batchBytes = 8 * 1024 * 1024;
const batchEntries = 64;

export interface RecorderOrder {
  source: MediaSource;
  contents: ContentStore;
  manifest: ManifestWriter;
  signal: AbortSignal;
  /** Called with the bytes of files that have been dealt with. */
  onBytes: (bytes: number) => void;
}

/** Takes entries in the order of the walk, stores what files hold, and writes their lines in the same order. */
export class EntryRecorder {
  readonly warnings: MediaWarnings;
  size = 0;
  files = 0;
  /** What is recorded next, and what is gathered meanwhile. */
  private next: Waiting[] = [];
  private gathered: Waiting[] = [];
  private gatheredBytes = 0;
  /** Files with several names: identity → the first path that was read. */
  private readonly firstPaths = new Map<string, Buffer>();

  constructor(private readonly order: RecorderOrder) {
    this.warnings = new MediaWarnings(order.source);
  }

  async add(walked: Walked): Promise<void> {
    const { smallBytes } = this.order.source;
    if (walked.kind === 'file' && walked.facts.size <= smallBytes && !this.isLinked(walked)) {
      const reading = readSmallFile(walked, smallBytes);
      // Thrown when its turn comes, which it may not.
      reading.catch(() => undefined);
      this.gathered.push({ walked, reading });
      this.gatheredBytes += walked.facts.size;
    } else {
      this.gathered.push({ walked, reading: null });
    }
    if (this.gathered.length >= batchEntries || this.gatheredBytes >= batchBytes) await this.recordNext();
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
    this.gathered = [];
    this.gatheredBytes = 0;
    const read = await Promise.all(batch.map(({ reading }) => reading));
    await this.order.contents.recall(read.flatMap((file) => (file && 'sha256' in file ? [file.sha256] : [])));
    for (const [index, { walked }] of batch.entries()) {
      this.order.signal.throwIfAborted();
      await this.record(walked, read[index] ?? null);
    }
  }

  private async record(walked: Walked, read: Read): Promise<void> {
    switch (walked.kind) {
      case 'file':
        return this.recordFile(walked, read);
      case 'directory':
        return this.line(walked.path, walked.facts, { type: 'directory' });
      case 'symlink':
        return this.line(walked.path, walked.facts, { type: 'symlink', ...targetFields(walked.target) });
      case 'problem':
        return this.problem(walked, walked);
      case 'lost':
        return this.warnings.add('vanished', walked.path);
    }
  }

  private async recordFile(walked: SourceFile, read: Read): Promise<void> {
    const { contents, onBytes } = this.order;
    const { path, facts } = walked;
    const first = facts.identity === null ? undefined : this.firstPaths.get(facts.identity);
    if (first) return this.line(path, facts, { type: 'hardlink', ...targetFields(first) });
    let told = 0;
    const tell = (bytes: number) => {
      told += bytes;
      onBytes(bytes);
    };
    const file = read ?? (await contents.addLarge(walked, tell));
    if ('problem' in file) {
      onBytes(Math.max(0, facts.size - told));
      return this.problem({ path, facts, type: 'file' }, file);
    }
    if (read && 'content' in read) {
      await contents.addSmall(path, read);
      onBytes(read.content.length);
    }
    const { size, identity } = file.facts;
    if (identity !== null) this.firstPaths.set(identity, path);
    this.size += size;
    this.files += 1;
    return this.line(path, file.facts, { type: 'file', size, sha256: file.sha256.toString('hex') });
  }

  private problem(
    { path, facts, type }: { path: Buffer; facts: EntryFacts | null; type: 'file' | 'directory' },
    { cause, problem }: Unread,
  ): Promise<void> {
    this.warnings.add(cause, path);
    return this.line(path, facts, { type, problem });
  }

  private line(
    path: Buffer,
    facts: EntryFacts | null,
    fields: Omit<ManifestEntry, 'path' | 'mtime' | 'mode'>,
  ): Promise<void> {
    return this.order.manifest.add({ ...pathFields(path), ...fields, ...timeFields(facts) });
  }

  /** Whether the file’s first name was read already or waits to be. */
  private isLinked({ facts: { identity } }: SourceFile): boolean {
    if (identity === null) return false;
    const isSame = ({ walked }: Waiting) => walked.kind === 'file' && walked.facts.identity === identity;
    return this.firstPaths.has(identity) || this.next.some(isSame) || this.gathered.some(isSame);
  }
}
