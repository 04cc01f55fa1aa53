import type { CopyCounter } from './copyCounter.js';
import type { InspectedTable } from './inspect.js';

/** A table under way is never called done: its estimate may be too low. */
const mostOfATable = 0.98;

/**
 * Says how much of a database has been dumped, in bytes of the source, from the rows that have come out of the
 * archive: in whatever order pg_dump takes the tables, never more than what was truly read and estimated low.
 */
export class DumpProgress {
  readonly totalBytes: number;
  private readonly tables: Map<string, InspectedTable>;
  private finishedBytes = 0;
  private finished = 0;
  private highest = 0;

  constructor(
    tables: readonly InspectedTable[],
    private readonly largeObjectBytes: number,
  ) {
    this.tables = new Map(tables.map((table) => [`${quoted(table.schema)}.${quoted(table.name)}`, table]));
    this.totalBytes = tables.reduce((sum, table) => sum + table.bytes, largeObjectBytes);
  }

  /**
   * Bytes done as the counter stands now; never fewer than before. `storedShare` is how much of what was dumped storage
   * has taken: what is still on its way there is not done.
   */
  doneBytes(counter: CopyCounter, storedShare: number): number {
    if (counter.tables.size > this.finished) {
      // In the order in which they passed by: those before were added already.
      for (const name of [...counter.tables.keys()].slice(this.finished)) {
        this.finishedBytes += this.tables.get(name)?.bytes ?? 0;
      }
      this.finished = counter.tables.size;
    }
    // Large objects come last, as two digits for each byte.
    const largeObjects = Math.min(counter.quotedBytes / 2, this.largeObjectBytes * mostOfATable);
    const read = this.finishedBytes + this.ofCurrent(counter) + largeObjects;
    this.highest = Math.max(this.highest, read * storedShare);
    return this.highest;
  }

  private ofCurrent({ current }: CopyCounter): number {
    const table = current && this.tables.get(current.name);
    if (!table) return 0;
    // Without an estimate: text may take twice the room that the table takes, not often more.
    const share = table.estimatedRows
      ? current.rows / table.estimatedRows
      : current.bytes / 2 / Math.max(1, table.bytes);
    return table.bytes * Math.min(mostOfATable, share);
  }
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
