import type { ServerResponse } from 'node:http';
import type { DownloadFile } from '#schema/entities';

/** Bytes of a file, the last included. */
export interface ByteRange {
  start: number;
  end: number;
}

/** A part of a stored file, ready to be read. */
export interface OpenedFile {
  /** Hands all of it over at the reader’s pace; throws where storage ends early or the signal fires. Closes it. */
  pour(response: ServerResponse, signal: AbortSignal): Promise<void>;
  /** Lets go of it where nothing was poured. */
  close(): Promise<void>;
}

/** Where the files of downloads lie, for reading. What storage itself is the fault of is thrown. */
export interface FileStore {
  /** Opens a part of a file; null where it is not there as it was recorded. */
  open(file: DownloadFile, range: ByteRange, signal: AbortSignal): Promise<OpenedFile | null>;
  /** Whether it is there as it was recorded. */
  has(file: DownloadFile, signal: AbortSignal): Promise<boolean>;
  /** An address of the storage’s own that gives the file for so many seconds; null where it has none to give. */
  addressOf(file: DownloadFile, seconds: number): Promise<string | null>;
}
