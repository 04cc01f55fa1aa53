import type { RestoredEntry } from './restoredEntry.js';
import type { WantedFile } from './wantedFiles.js';

/** How a content is written once more. */
export interface Repeating {
  signal: AbortSignal;
  /** Called with the bytes of each piece. */
  onBytes: (bytes: number) => void;
}

/** A file that is written piece by piece; what is answered is to be waited for. */
export interface StagingFile {
  /** Takes the next piece, good until more is asked for; zeros may be left out. */
  writeSparse(piece: Buffer): void | Promise<void>;
  finish(): void | Promise<void>;
  /** Writes the same, once it is finished, to another file. */
  repeat(file: WantedFile, order: Repeating): Promise<void>;
  /** Lets go of it, finished or not. */
  close(): void;
}

/** What a manifest is made in: a folder, or an area of a bucket. Paths have one character for each byte. */
export interface StagingTree {
  makeFolder(path: string): void;
  makeSymlink(entry: Extract<RestoredEntry, { kind: 'symlink' | 'hardlink' }>): void;
  /** Gives a file a further name, once all files are written. */
  makeHardlink(path: string, target: string): void | Promise<void>;
  /** Writes a file whose content is in memory, good until more is asked for. */
  write(file: WantedFile, content: Buffer): void | Promise<void>;
  begin(file: WantedFile, size: number): StagingFile;
  /** Nothing is made in that folder any more. */
  finishFolder(folder: Pick<RestoredEntry, 'path' | 'mode' | 'time'>): void;
}
