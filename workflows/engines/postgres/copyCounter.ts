import { createHash, type Hash } from 'node:crypto';
import { tableInCopy } from './tableInCopy.js';

const lineFeed = 10;
const quote = 39;
const doubleQuote = 34;
const dash = 45;
const dot = 46;
const semicolon = 59;
const backslash = 92;
const endOfRows = Buffer.from('\\.');
/** Enough for `COPY "schema"."table"`: both names hold at most 63 bytes, each at most doubled by quoting. */
const headBytes = 1024;

type Mode = 'between' | 'statement' | 'single' | 'double' | 'line' | 'copyBegins' | 'data';

/** The table whose rows are passing by. */
export interface CopiedTable {
  /** `"schema"."table"`. */
  name: string;
  rows: number;
  /** Bytes of its rows as text. */
  bytes: number;
}

/** What a table held. */
export interface TableContent {
  rows: number;
  /** Hex SHA-256 of its rows as COPY writes them, each with its line feed, in the order of the dump. */
  sha256: string;
}

/**
 * Counts and hashes the rows of each table in the script that `pg_restore --section=data` writes, without making a text
 * of any row: a row is a line between `COPY … FROM stdin;` and `\.`. Names with quotes, dots and line feeds are understood.
 */
export class CopyCounter {
  /** By `"schema"."table"`, in the order of the dump: tables that passed by to their end. */
  readonly tables = new Map<string, TableContent>();
  current: CopiedTable | null = null;
  /** Bytes read so far. */
  bytes = 0;
  /** Bytes within quotes outside of rows: large objects, two digits for each of their bytes. */
  quotedBytes = 0;

  private mode: Mode = 'between';
  private hash: Hash = createHash('sha256');
  /** How many bytes of what may be the end of the rows have been held back from the hash. */
  private held = 0;
  private readonly head = Buffer.alloc(headBytes);
  private headLength = 0;
  /** The three bytes before the chunk. */
  private before = Buffer.alloc(3);

  /** Takes in the next piece, cut anywhere. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;)
      at = this.mode === 'data' ? this.readRows(chunk, at) : this.readSql(chunk, at);
    this.bytes += chunk.length;
    this.before = Buffer.concat([this.before, chunk.subarray(-3)]).subarray(-3);
  }

  /** Throws where the script broke off within a table or a statement. */
  end(): void {
    if (this.mode !== 'between') throw new Error('the dump breaks off before its end');
  }

  private readRows(chunk: Buffer, from: number): number {
    const table = this.current;
    if (!table) throw new Error('rows without a table');
    const end = this.findEnd(chunk, from, table);
    table.bytes += (end ?? chunk.length) - from;
    if (end === null) {
      this.hashRows(chunk, from, chunk.length - this.mayEnd(chunk));
      this.held = this.mayEnd(chunk);
      return chunk.length;
    }
    this.hashRows(chunk, from, end - endOfRows.length);
    this.held = 0;
    if (this.tables.has(table.name)) throw new Error(`the table ${table.name} comes twice`);
    this.tables.set(table.name, { rows: table.rows, sha256: this.hash.digest('hex') });
    this.current = null;
    this.mode = 'between';
    return end + 1;
  }

  /** Counts the rows that end in the chunk; answers where the line feed stands that ends them all, if it does. */
  private findEnd(chunk: Buffer, from: number, table: CopiedTable): number | null {
    for (let at = chunk.indexOf(lineFeed, from); at !== -1; at = chunk.indexOf(lineFeed, at + 1)) {
      // In a row a backslash is doubled, so no row looks like the line that ends them.
      if (
        this.byte(chunk, at - 1) === dot &&
        this.byte(chunk, at - 2) === backslash &&
        this.byte(chunk, at - 3) === lineFeed
      )
        return at;
      table.rows += 1;
    }
    return null;
  }

  /** How many bytes at the end of the chunk, and before it, may begin the line that ends the rows. */
  private mayEnd(chunk: Buffer): 0 | 1 | 2 {
    const last = chunk.length - 1;
    if (this.byte(chunk, last) === backslash && this.byte(chunk, last - 1) === lineFeed) return 1;
    return this.byte(chunk, last) === dot &&
      this.byte(chunk, last - 1) === backslash &&
      this.byte(chunk, last - 2) === lineFeed
      ? 2
      : 0;
  }

  private hashRows(chunk: Buffer, from: number, to: number): void {
    if (to <= from) return;
    if (this.held > 0) this.hash.update(endOfRows.subarray(0, this.held));
    this.hash.update(chunk.subarray(from, to));
  }

  private readSql(chunk: Buffer, from: number): number {
    const byte = chunk[from] ?? 0;
    switch (this.mode) {
      case 'between':
        if (byte === dash || byte === backslash) this.mode = 'line';
        else if (byte > 32) {
          this.mode = 'statement';
          this.headLength = 0;
          return from;
        }
        return from + 1;
      case 'line':
        return this.skipTo(lineFeed, 'between', chunk, from);
      case 'single':
        return this.skipTo(quote, 'statement', chunk, from);
      case 'double':
        this.keep(byte);
        if (byte === doubleQuote) this.mode = 'statement';
        return from + 1;
      case 'statement':
        this.keep(byte);
        if (byte === quote) this.mode = 'single';
        else if (byte === doubleQuote) this.mode = 'double';
        else if (byte === semicolon) this.mode = this.isCopy() ? 'copyBegins' : 'between';
        return from + 1;
      case 'copyBegins':
        if (byte === lineFeed) {
          this.current = { name: tableInCopy(this.head.subarray(0, this.headLength)), rows: 0, bytes: 0 };
          this.hash = createHash('sha256');
          this.mode = 'data';
        }
        return from + 1;
      case 'data':
        return from;
    }
  }

  private skipTo(end: number, then: Mode, chunk: Buffer, from: number): number {
    const found = chunk.indexOf(end, from);
    const next = found === -1 ? chunk.length : found + 1;
    if (this.mode === 'single') this.quotedBytes += next - from;
    if (found !== -1) this.mode = then;
    return next;
  }

  private keep(byte: number): void {
    if (this.headLength < headBytes) this.head[this.headLength++] = byte;
  }

  private isCopy(): boolean {
    return this.head.toString('latin1', 0, Math.min(5, this.headLength)) === 'COPY ';
  }

  /** The byte at an index that may lie up to three before the chunk. */
  private byte(chunk: Buffer, at: number): number | undefined {
    return at >= 0 ? chunk[at] : this.before[at + 3];
  }
}
