import type { Readable } from 'node:stream';

/** What stands in storage under a key. */
export interface StoredObject {
  key: string;
  /** Bytes. */
  size: number;
}

/** What a completed write answers. */
export interface Written {
  /** Bytes stored, as counted and as storage itself reports afterwards. */
  size: number;
  /** Hex SHA-256 of the bytes; empty where the write was not to hash them. */
  sha256: string;
}

export interface WriteOptions {
  signal: AbortSignal;
  /** Bytes taken in so far, called often. */
  onBytes?: (total: number) => void;
  /** About how many bytes will come, where that is known: a helpful guess, no promise. */
  expectedBytes?: number;
  /** Whether the bytes are hashed on their way; default true. False for packs: their contents have hashes of their own. */
  hash?: boolean;
  /**
   * Whether what is stored is read back and compared before the write counts; default false. It is done in any case
   * where the probe found that storage compares no checksums. Compared is the SHA-256, without `hash` a CRC-32.
   */
  readBack?: boolean;
}

/** What asking storage found out. */
export interface Probed {
  /** What this storage lacks and Holdfast does without, one sentence each; usually empty. */
  lacks: string[];
}

/**
 * Where backups are kept. Keys are relative, `/` between names. Every call throws a `StepProblem`
 * (STORAGE_UNREACHABLE, STORAGE_AUTHENTICATION, STORAGE_FULL) when storage could not be asked; "absent" is an answer.
 */
export interface Storage {
  /**
   * Writes a stream. The object is visible under its key only once it is whole and durable; a source that fails or
   * a signal that aborts leaves nothing. Rejects with the source's own error where the source failed.
   */
  write(key: string, source: Readable, options: WriteOptions): Promise<Written>;
  /** Writes small bytes only if the key is absent: `exists` where somebody sealed it first. */
  seal(key: string, bytes: Buffer): Promise<'sealed' | 'exists'>;
  /** The object's size, or null where it is absent. */
  stat(key: string): Promise<StoredObject | null>;
  /** A stream of the object or of `length` bytes from `start`; null where it is absent. */
  read(key: string, range?: { start: number; length: number }): Promise<Readable | null>;
  /**
   * Everything under a prefix, unfinished writes included (so that they can be found and removed), in no order. The
   * size of an unfinished write is 0 where it is not known.
   */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Removes objects and unfinished writes with exactly this key or under this prefix (ending in `/`); absent is fine. */
  remove(keyOrPrefix: string): Promise<void>;
  /** The absolute path of the object’s file, for programs that read by themselves; null where storage is no folder of this machine. */
  localFile(key: string): string | null;
  /** Tries everything that backups need; throws where storage cannot be used right now, saying why. */
  probe(): Promise<Probed>;
}

/** What engines need of it. */
export type EngineStorage = Pick<Storage, 'write' | 'read' | 'stat' | 'remove'>;
