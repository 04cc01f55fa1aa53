import type { Place } from '#schema/domain';
import type { EngineStorage } from '../storage/storage.js';
import type { KnownHashes } from './contentStore.js';
import type { FinishedPack } from './packWriter.js';
import type { PreviousScan } from './scan/earlierFiles.js';
import type { MediaSource } from './source.js';

/** A pack that an earlier attempt of the same backup completed. */
export interface OwnPack {
  id: string;
  /** Bytes of tar and index. */
  storedSize: number;
  /** Of the list beside it; null where there is none. */
  listSha256: string | null;
}

export interface CopyMediaOrder {
  /** Where the media lie. */
  source: MediaSource;
  storage: EngineStorage;
  place: Place;
  backupId: string;
  /** `<run>-<attempt>`. */
  mark: string;
  /** What the backup before this one looked at: files that look the same are not read. */
  previous?: PreviousScan | null;
  /** Packs of earlier attempts, in the order of their making: this one goes on from there. */
  ownPacks?: OwnPack[];
  /** Before when all must have been read for `previous` to count, in milliseconds since 1970; any time where left out. */
  readSinceMs?: number;
  /** Content that it names is not stored again. Left out where nothing can be known. */
  knownHashes?: KnownHashes;
  /** Called before anything of a pack is written, so that the catalogue knows of it first. */
  onPack: (packId: string) => Promise<void>;
  /** Called once a pack is whole in storage. */
  onPackDone: (pack: FinishedPack) => Promise<void>;
  signal: AbortSignal;
  /** How long nothing may move; 10 min where left out. */
  stallMs?: number;
  /** Called at once and then every 250 ms, in bytes of the source; `totalBytes` null until it has been measured. */
  onProgress: (progress: { doneBytes: number; totalBytes: number | null }) => void;
  /** Whether all that is written is read back and compared. */
  readBack?: boolean;
  /** Bytes of a pack; 1 GiB where left out. */
  packBytes?: number;
}

/** How far a copy is. */
export interface Moved {
  doneBytes: number;
  totalBytes: number | null;
  /** Rises with everything that happens. */
  steps: number;
}
