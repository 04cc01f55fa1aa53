import type { ArchiveContents, ArchiveEntry } from './archiveContents.js';

/** How much of a table under way counts at most: it is done only once the program says so. */
const mostOfATable = 0.99;

/**
 * How much of a dump has been restored, in bytes of its file: those of the tables that are done, and of those under way
 * the share of their rows. Never decreases.
 */
export class RestoreProgress {
  tablesDone = 0;
  /** Tables with rows of their own. */
  readonly tables: number;
  private readonly entries = new Map<number, ArchiveEntry>();
  private readonly idsByKey = new Map<string, number>();
  private readonly blocks = new Map<number, number>();
  private readonly done = new Set<number>();
  private doneBlockBytes = 0;
  private highest = 0;

  constructor(
    private readonly contents: Pick<ArchiveContents, 'entries' | 'dataAt'>,
    /** Of the file. */
    readonly totalBytes: number,
    /** Of each table as it was when it was dumped, by `"schema"."table"`; empty where nobody knows. */
    private readonly expectedRows: ReadonlyMap<string, number>,
  ) {
    for (const entry of contents.entries) {
      if (entry.hasData) this.entries.set(entry.dumpId, entry);
      if (entry.kind === 'TABLE DATA') this.idsByKey.set(tableKey(entry.schema, entry.name), entry.dumpId);
    }
    this.tables = this.idsByKey.size;
  }

  /** Learns how many bytes of the file an entry’s data take; such news may come at any time. */
  learn(dumpId: number, bytes: number): void {
    this.blocks.set(dumpId, bytes);
    if (this.done.has(dumpId)) this.doneBlockBytes += bytes;
  }

  /** Marks an entry as restored. */
  finish(dumpId: number): void {
    const entry = this.entries.get(dumpId);
    if (!entry || this.done.has(dumpId)) return;
    this.done.add(dumpId);
    this.doneBlockBytes += this.blocks.get(dumpId) ?? 0;
    if (entry.kind === 'TABLE DATA') this.tablesDone += 1;
  }

  /** Marks all as restored: the program has ended well. */
  finishAll(): void {
    for (const dumpId of this.entries.keys()) this.finish(dumpId);
  }

  /** Where things stand, with the rows so far of the tables under way. */
  doneBytes(underWay: ReadonlyArray<{ schema: string; name: string; rows: number }>): number {
    let bytes = this.contents.dataAt + this.doneBlockBytes;
    for (const { schema, name, rows } of underWay) {
      const dumpId = this.idsByKey.get(tableKey(schema, name));
      if (dumpId === undefined || this.done.has(dumpId)) continue;
      const expected = this.expectedRows.get(this.entries.get(dumpId)?.key ?? '') ?? 0;
      const share = expected > 0 ? Math.min(mostOfATable, rows / expected) : 0;
      bytes += (this.blocks.get(dumpId) ?? 0) * share;
    }
    this.highest = Math.min(this.totalBytes, Math.max(this.highest, Math.floor(bytes)));
    return this.highest;
  }
}

function tableKey(schema: string, name: string): string {
  return JSON.stringify([schema, name]);
}
