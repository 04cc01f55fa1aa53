import { StepProblem } from '../../stepProblem.js';
import { HashTable } from '../hashTable.js';
import { PackRows } from '../restore/packRows.js';
import { pathInWords } from '../restore/pathRules.js';
import { readManifest } from '../restore/readManifest.js';
import type { RestoredEntry } from '../restore/restoredEntry.js';
import type { ArchiveMediaOrder } from './archiveMediaOrder.js';

/** Where a content lies. */
export interface ContentPlace {
  /** Number of its pack in the part. */
  pack: number;
  offset: number;
  size: number;
}

type FileEntry = Extract<RestoredEntry, { kind: 'file' }>;

const nowhere = -1;

/**
 * Where the contents of a bounded number of files lie, and then those of the next ones. It reads the manifest by itself, ahead of
 * whoever writes the files; indexes are read until all is found, first the one where the files before ended: in a first
 * backup the packs follow the manifest.
 */
export class ContentPlaces {
  /** How many files of the manifest the places are known of. */
  upTo = 0;
  private readonly manifest: AsyncGenerator<RestoredEntry[], unknown>;
  private entries: RestoredEntry[] = [];
  private at = 0;
  private table = new HashTable();
  private count = 0;
  private readonly packs: Int32Array;
  private readonly offsets: Float64Array;
  private readonly sizes: Float64Array;
  private lastPack = 0;

  constructor(
    private readonly order: ArchiveMediaOrder,
    private readonly most: number,
    private readonly onStep: () => void,
  ) {
    const room = Math.min(most, order.part.files);
    this.manifest = readManifest(order);
    this.packs = new Int32Array(room);
    this.offsets = new Float64Array(room);
    this.sizes = new Float64Array(room);
  }

  /** Goes on to the next files; those before are forgotten. */
  async next(): Promise<void> {
    this.table = new HashTable();
    this.count = 0;
    await this.gather();
    const { packs } = this.order.part;
    let missing = this.count;
    for (let turn = 0; turn < packs.length && missing > 0; turn += 1) {
      missing -= await this.look((this.lastPack + turn) % packs.length);
      this.onStep();
    }
  }

  /** Where a file’s content lies; throws BACKUP_DAMAGED, naming the file, where that is nowhere. */
  of(file: FileEntry): ContentPlace {
    const content = this.table.get(file.sha256);
    const pack = content === null ? nowhere : (this.packs[content] ?? nowhere);
    if (content === null || pack === nowhere) {
      throw damaged(file, 'is in none of the backup’s packs');
    }
    const size = this.sizes[content] ?? 0;
    if (size !== file.size) throw damaged(file, 'is not as large as the manifest says');
    this.lastPack = pack;
    return { pack, offset: this.offsets[content] ?? 0, size };
  }

  /** Ends the reading of the manifest. */
  async close(): Promise<void> {
    await this.manifest.return(undefined);
  }

  private async gather(): Promise<void> {
    for (let files = 0; files < this.most;) {
      if (this.at === this.entries.length) {
        const next = await this.manifest.next();
        if (next.done) return;
        this.entries = next.value;
        this.at = 0;
        this.onStep();
        continue;
      }
      const entry = this.entries[this.at];
      this.at += 1;
      if (entry?.kind !== 'file') continue;
      files += 1;
      this.upTo += 1;
      // What is empty lies nowhere.
      if (entry.size === 0 || this.table.get(entry.sha256) !== null) continue;
      this.table.add(entry.sha256, this.count);
      this.packs[this.count] = nowhere;
      this.count += 1;
    }
  }

  /** Looks what a pack holds of it; how many were found. */
  private async look(number: number): Promise<number> {
    const rows = new PackRows();
    await rows.read(this.order.part.packs[number] ?? '', number, this.order);
    let found = 0;
    for (let row = 0; row < rows.count; row += 1) {
      const content = this.table.get(rows.hashOf(row));
      if (content === null || this.packs[content] !== nowhere) continue;
      this.packs[content] = number;
      this.offsets[content] = rows.offsets[row] ?? 0;
      this.sizes[content] = rows.sizes[row] ?? 0;
      found += 1;
    }
    return found;
  }
}

/** That a file of a backup cannot be had. */
export function damaged({ path }: Pick<FileEntry, 'path'>, what: string): StepProblem {
  return new StepProblem('BACKUP_DAMAGED', `The content of ${pathInWords(path)} ${what}`);
}
