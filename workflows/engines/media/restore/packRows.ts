import { packIndexKey, packKey, type Place } from '#schema/domain';
import { StepProblem } from '../../stepProblem.js';
import type { EngineStorage } from '../../storage/storage.js';
import { HashTable } from '../hashTable.js';
import { gunzippedLines } from './gunzippedLines.js';

/** More contents than any pack of ours holds. */
const mostContents = 1_000_000;

/** Where packs are read. */
export interface PacksOrder {
  storage: EngineStorage;
  /** Of the backup. */
  place: Place;
  signal: AbortSignal;
}

/** Where contents lie in some packs: some 100 bytes for each. */
export class PackRows {
  count = 0;
  /** By row: number of the pack, and where in it the content lies. */
  packs = new Uint32Array(1024);
  offsets = new Float64Array(1024);
  sizes = new Float64Array(1024);
  private readonly table = new HashTable();
  private hashes = Buffer.alloc(1024 * 32);

  /** The row of a content, or null where none of these packs holds it. */
  find(sha256: Buffer): number | null {
    return this.table.get(sha256);
  }

  /** The SHA-256 of a row’s content; good until rows are added. */
  hashOf(row: number): Buffer {
    return this.hashes.subarray(row * 32, row * 32 + 32);
  }

  /** Adds what a pack holds; a content that is there already stays where it is. */
  async read(pack: string, number: number, { storage, place, signal }: PacksOrder): Promise<void> {
    const what = `The index of pack ${pack}`;
    const stored = await storage.stat(packKey(place, pack));
    if (!stored) throw new StepProblem('BACKUP_DAMAGED', `Pack ${pack} is no longer in the backup storage`);
    const order = { storage, key: packIndexKey(place, pack), sha256: null, what, signal };
    let lineCount = 0;
    for await (const lines of gunzippedLines(order)) {
      lineCount += lines.length;
      if (lineCount > mostContents) throw new StepProblem('BACKUP_DAMAGED', `${what} has no end`);
      for (const line of lines) {
        const row = toRow(line);
        if (!row) throw new StepProblem('BACKUP_DAMAGED', `${what} cannot be understood`);
        if (row.offset + row.size > stored.size) {
          throw new StepProblem('BACKUP_DAMAGED', `Pack ${pack} is shorter than its index says`);
        }
        this.add(number, row);
      }
    }
  }

  private add(pack: number, { sha256, offset, size }: Row): void {
    if (this.table.get(sha256) !== null) return;
    const row = this.count;
    if (row === this.packs.length) this.grow();
    this.table.add(sha256, row);
    sha256.copy(this.hashes, row * 32);
    this.packs[row] = pack;
    this.offsets[row] = offset;
    this.sizes[row] = size;
    this.count += 1;
  }

  private grow(): void {
    const { packs, offsets, sizes, hashes } = this;
    this.packs = new Uint32Array(packs.length * 2);
    this.packs.set(packs);
    this.offsets = new Float64Array(offsets.length * 2);
    this.offsets.set(offsets);
    this.sizes = new Float64Array(sizes.length * 2);
    this.sizes.set(sizes);
    this.hashes = Buffer.alloc(hashes.length * 2);
    hashes.copy(this.hashes);
  }
}

interface Row {
  sha256: Buffer;
  offset: number;
  size: number;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function toRow(line: string): Row | null {
  try {
    const { sha256, offset, size } = JSON.parse(line) as { [Key in keyof Row]?: unknown };
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256) || !isCount(offset) || !isCount(size)) {
      return null;
    }
    return { sha256: Buffer.from(sha256, 'hex'), offset, size };
  } catch {
    return null;
  }
}
