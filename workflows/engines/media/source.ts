/** Where media lie, and how they are read there: in a folder, or in a bucket. */
export interface MediaSource {
  /** What sentences call it, e.g. `media folder`. */
  noun: string;
  /** Whose rights decide what can be read, in words. */
  reader: string;
  /** Files of at most so many bytes are read whole, several at once. */
  smallBytes: number;
  /**
   * Looks what there is. Throws MEDIA_NOT_FOUND or MEDIA_UNREADABLE where there is nothing to walk. `onStep` is called
   * whenever something has moved.
   */
  open(order: { signal: AbortSignal; onStep: () => void }): Promise<OpenMedia>;
}

/** Media that are there and can be read; close them when done. */
export interface OpenMedia {
  /** Bytes of the files; a file with several names counts once. */
  bytes: number;
  /** Every entry, in the byte order of full paths. A folder comes before what it holds, though not right before. */
  walk(): AsyncIterable<Walked>;
  /** Throws where what was walked is no longer what was opened: then nothing that was missed can be told. */
  requireSame(): void;
  close(): void;
}

/** One name among the media. Paths are bytes, relative, `/` between names. */
export type Walked =
  | SourceFile
  | { kind: 'directory'; path: Buffer; facts: EntryFacts }
  | { kind: 'symlink'; path: Buffer; facts: EntryFacts; target: Buffer }
  /** It could not be read; `facts` null where nothing more is known of it. */
  | (Unread & { kind: 'problem'; path: Buffer; facts: EntryFacts | null; type: 'file' | 'directory' })
  /** What a folder held that has been told of under its own name, and that is gone by now. */
  | { kind: 'lost'; path: Buffer };

/** A file that was walked past. */
export interface SourceFile {
  kind: 'file';
  path: Buffer;
  facts: EntryFacts;
  /** Lends the content as it is now; that there is none to lend is an answer. */
  withContent<T>(use: (content: Content) => Promise<T>): Promise<T | Unread>;
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
const readAttempts = 3;

/** Reads a file, and anew where it changed meanwhile. */
export async function readSteady<T>(
  file: SourceFile,
  read: (content: Content) => Promise<T | Unread>,
): Promise<T | Unread> {
  for (let attempt = 1; attempt <= readAttempts; attempt += 1) {
    const answer = await file.withContent(read);
    if (answer !== changed) return answer;
  }
  return changed;
}
