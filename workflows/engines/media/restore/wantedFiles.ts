import type { EntryTime, RestoredEntry } from './restoredEntry.js';

const mostPathBytes = 32 * 1024 * 1024;
const longestPath = 4_096;
const none = 0xffffffff;

/** A file that is to be written. */
export interface WantedFile {
  path: string;
  mode: number;
  time: EntryTime;
}

/** The files that want the contents of some rows: a bounded number, without an object for each. */
export class WantedFiles {
  count = 0;
  private readonly paths: Buffer;
  private pathBytes = 0;
  private readonly pathEnds: Uint32Array;
  private readonly modes: Uint16Array;
  private readonly seconds: Float64Array;
  private readonly nanoseconds: Uint32Array;
  /** By file: the next one with the same content. */
  private readonly next: Uint32Array;
  /** By row: the first file. */
  private readonly first: Uint32Array;

  /** Room for at most `files` files, whose contents are among `rows` ones. */
  constructor(rows: number, files: number) {
    this.paths = Buffer.allocUnsafeSlow(Math.min(mostPathBytes, files * longestPath));
    this.pathEnds = new Uint32Array(files);
    this.modes = new Uint16Array(files);
    this.seconds = new Float64Array(files);
    this.nanoseconds = new Uint32Array(files);
    this.next = new Uint32Array(files);
    this.first = new Uint32Array(rows).fill(none);
  }

  /** Adds a file; false where there is no room for it. */
  add(row: number, { path, mode, time }: RestoredEntry): boolean {
    const file = this.count;
    if (file === this.modes.length || this.pathBytes + path.length > this.paths.length) return false;
    this.pathBytes += this.paths.write(path, this.pathBytes, 'latin1');
    this.pathEnds[file] = this.pathBytes;
    this.modes[file] = mode;
    this.seconds[file] = time.seconds;
    this.nanoseconds[file] = time.nanoseconds;
    this.next[file] = this.first[row] ?? none;
    this.first[row] = file;
    this.count += 1;
    return true;
  }

  /** Whether any file wants the content of a row. */
  wants(row: number): boolean {
    return this.first[row] !== none;
  }

  /** The files that want it. */
  *of(row: number): Generator<WantedFile> {
    for (let file = this.first[row] ?? none; file !== none; file = this.next[file] ?? none) {
      const start = file === 0 ? 0 : (this.pathEnds[file - 1] ?? 0);
      yield {
        path: this.paths.toString('latin1', start, this.pathEnds[file]),
        mode: this.modes[file] ?? 0,
        time: { seconds: this.seconds[file] ?? 0, nanoseconds: this.nanoseconds[file] ?? 0 },
      };
    }
  }
}
