import type { EngineStorage } from '../../storage/storage.js';
import type { EntryFacts } from '../source.js';
import { ScanReader, type ScanPlace } from './scanReader.js';
import type { KnownFile } from './scanLine.js';

/** The scan list of an earlier backup. */
export interface PreviousScan extends ScanPlace {
  /** Bytes of the files then. */
  bytes: number;
  /** Ids of its packs that are still there, whole, and stay there. */
  packs: string[];
}

export interface EarlierOrder {
  storage: EngineStorage;
  /** Which media are walked. */
  source: string;
  /** Lists of the files that this backup’s own packs hold, each of one pack, in the order of their making. */
  own: Array<ScanPlace & { pack: string }>;
  previous: PreviousScan | null;
  /** Before when all must have been read for the previous list to count, in milliseconds since 1970. */
  readSinceMs: number;
}

/**
 * What earlier walks found, side by side with this one: a file that looks the same holds the same and need not be
 * read. Nothing that it answered counts before `end` has found all lists to be what was written; until then everything
 * may throw a DamagedScan.
 */
export class EarlierFiles {
  private constructor(
    private readonly cursors: Cursor[],
    /** When all was last read, where the previous list counts. */
    readonly readInFullAt: string | null,
  ) {}

  static async open({ storage, source, own, previous, readSinceMs }: EarlierOrder): Promise<EarlierFiles> {
    const cursors =
      own.length > 0
        ? [
            new Cursor(
              storage,
              own,
              own.map(({ pack }) => pack),
            ),
          ]
        : [];
    let readInFullAt: string | null = null;
    if (previous) {
      const cursor = new Cursor(storage, [previous], previous.packs);
      const header = await cursor.header();
      if (header.source === source && Date.parse(header.readInFullAt) > readSinceMs) {
        readInFullAt = header.readInFullAt;
        cursors.push(cursor);
      } else {
        cursor.close();
      }
    }
    return new EarlierFiles(cursors, readInFullAt);
  }

  /** What a file holds that looks as it did; null where it has to be read. To be asked in the order of paths. */
  async find(path: string, facts: EntryFacts): Promise<KnownFile | null> {
    if (facts.fingerprint === null) return null;
    for (const cursor of this.cursors) {
      const known = cursor.isBefore(path) ? await cursor.seek(path) : cursor.at(path);
      if (known && looksTheSame(known, facts)) return known;
    }
    return null;
  }

  /** Reads what is left: only at its end is it known whether a list is what was written. */
  async end(): Promise<void> {
    for (const cursor of this.cursors) await cursor.end();
  }

  close(): void {
    for (const cursor of this.cursors) cursor.close();
  }
}

function looksTheSame(known: KnownFile, { size, mtimeNs, fingerprint }: EntryFacts): boolean {
  return known.fingerprint === fingerprint && known.size === size && known.mtimeNs === mtimeNs.toString();
}

/**
 * A place in one list, or in several one after another. Where a later one begins before the one before it ends, the
 * files that are told of too late are read again.
 */
class Cursor {
  private readonly packs: ReadonlySet<string>;
  private readonly left: ScanPlace[];
  private reader: ScanReader | null = null;
  private head: KnownFile | null = null;
  private isAtEnd = false;

  constructor(
    private readonly storage: EngineStorage,
    lists: ScanPlace[],
    packs: string[],
  ) {
    this.left = [...lists];
    this.packs = new Set(packs);
  }

  /** What the first list begins with; to be asked for before anything else, or not at all. */
  header() {
    this.reader = new ScanReader(this.storage, this.left.shift() as ScanPlace);
    return this.reader.header();
  }

  isBefore(path: string): boolean {
    return !this.isAtEnd && (this.head === null || this.head.path < path);
  }

  /** The file of this path where that is what is next. */
  at(path: string): KnownFile | null {
    return this.head?.path === path && this.packs.has(this.head.pack) ? this.head : null;
  }

  async seek(path: string): Promise<KnownFile | null> {
    while (this.isBefore(path)) await this.advance();
    return this.at(path);
  }

  async end(): Promise<void> {
    while (!this.isAtEnd) await this.advance();
  }

  close(): void {
    this.reader?.close();
  }

  private async advance(): Promise<void> {
    if (!this.reader) {
      const list = this.left.shift();
      if (list) {
        this.reader = new ScanReader(this.storage, list);
        await this.reader.header();
      } else {
        this.isAtEnd = true;
        this.head = null;
        return;
      }
    }
    this.head = await this.reader.file();
    if (this.head === null) this.reader = null;
  }
}
