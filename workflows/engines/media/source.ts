/** Where media lie, and how they are read there: in a folder, or in a bucket. */
export interface MediaSource {
  /** Tells these media from those in another place, e.g. `folder /srv/shop/media`; without secrets. */
  id: string;
  /** What sentences call it, e.g. `media folder`. */
  noun: string;
  /** Whose rights decide what can be read, in words. */
  reader: string;
  /** Files of at most so many bytes are read whole, several at once. */
  smallBytes: number;
  /** How many of them are read before the first is stored. */
  batchFiles: number;
  /**
   * Looks what there is. Throws MEDIA_NOT_FOUND or MEDIA_UNREADABLE where there is nothing to walk. `onStep` is called
   * whenever something has moved. With `measure` false nothing is looked through only to know its bytes.
   */
  open(order: { signal: AbortSignal; onStep: () => void; measure?: boolean }): Promise<OpenMedia>;
}

/** Media that are there and can be read; close them when done. */
export interface OpenMedia {
  /** Bytes of the files; a file with several names counts once. 0 where they were not measured. */
  bytes: number;
  /** Every entry, in the byte order of full paths. A folder comes before what it holds, though not right before. */
  walk(): Iterable<Walked>;
  /** A file of it need not be read, because what it holds is known. */
  noteKnown(): void;
  /** Throws where what was walked is no longer what was opened: then nothing that was missed can be told. */
  requireSame(): void;
  close(): void;
}

/**
 * One name among the media. Paths are relative, `/` between names, and written with one character for each of their
 * bytes (Latin-1), whatever these mean: so they compare in the order of bytes.
 */
export type Walked =
  | SourceFile
  | { kind: 'directory'; path: string; facts: EntryFacts }
  | { kind: 'symlink'; path: string; facts: EntryFacts; target: string }
  /** It could not be read; `facts` null where nothing more is known of it. */
  | (Unread & { kind: 'problem'; path: string; facts: EntryFacts | null; type: 'file' | 'directory' })
  /** What a folder held that has been told of under its own name, and that is gone by now. */
  | { kind: 'lost'; path: string };

/** A file that was walked past. */
export interface SourceFile {
  kind: 'file';
  path: string;
  facts: EntryFacts;
  /**
   * Reads it whole, anew where it changed meanwhile; null where it has grown beyond `limit` bytes. `take` gives room
   * for the content. Answers at once where there is nothing to wait for.
   */
  readSmall(limit: number, take: (size: number) => Buffer): ReadSmall | Promise<ReadSmall>;
  /** Lends the content as it is now; that there is none to lend is an answer. */
  withContent<T>(use: (content: Content) => Promise<T>): Promise<T | Unread>;
}

/** What became of reading a small file. */
export type ReadSmall = SmallFile | Unread | null;

/** A file that stayed the same from before the first byte was read until after the last. */
export interface SmallFile {
  facts: EntryFacts;
  content: Buffer;
  sha256: Buffer;
}

/** What is known of an entry without reading it. */
export interface EntryFacts {
  /** Bytes. */
  size: number;
  /** Nanoseconds since 1970. */
  mtimeNs: bigint;
  /** Permission bits. */
  mode: number;
  /** The same for all names of one file; null where it has this name only. */
  identity: string | null;
  /**
   * Changes with the content, also where size and time of change were put back: together with them it tells whether
   * a file has to be read again. Null where nothing tells, as with what changed a moment ago.
   */
  fingerprint: string | null;
}

/** A file’s content, with its facts from before any byte was read. */
export interface Content {
  facts: EntryFacts;
  /**
   * Hands on `facts.size` bytes, in order, in pieces of at most 1 MiB. Answers null where they are all of it and it
   * stayed the same meanwhile, else why not; there may have been fewer bytes then.
   */
  read(onPiece: (piece: Buffer) => Promise<void>): Promise<Unread | null>;
}

/** Why something is not in the backup. */
export interface Unread {
  cause: 'vanished' | 'unreadable' | 'special' | 'changed' | 'name';
  problem: string;
}

export const changed: Unread = { cause: 'changed', problem: 'changed while it was read' };

/** How often a file that changes meanwhile is read anew. */
export const readAttempts = 3;

/**
 * For how long after a change an object may change again without any sign of it: clocks are coarse, and those of
 * others differ from ours. In milliseconds.
 */
export const unsettledMs = 2_000;

/** Reads a file, and anew where it changed meanwhile. */
export async function readSteady<T>(
  file: Pick<SourceFile, 'withContent'>,
  read: (content: Content) => Promise<T | Unread>,
): Promise<T | Unread> {
  for (let attempt = 1; attempt <= readAttempts; attempt += 1) {
    const answer = await file.withContent(read);
    if (answer !== changed) return answer;
  }
  return changed;
}
