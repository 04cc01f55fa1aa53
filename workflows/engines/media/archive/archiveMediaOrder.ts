import type { MediaPartDocument, Place } from '#schema/domain';
import type { EngineStorage } from '../../storage/storage.js';

/** How much is held in memory at once. */
export interface ArchiveLimits {
  /** Files whose places are looked up in one go: some 100 bytes for each. */
  files: number;
  /** Bytes of contents that are read in one go; a larger file is streamed by itself. */
  batchBytes: number;
  /** Entries of which such a batch is made. */
  batchEntries: number;
}

export interface ArchiveMediaOrder {
  storage: EngineStorage;
  /** Of the backup: where its packs lie. */
  place: Place;
  part: MediaPartDocument;
  /** Where the archive is written. */
  key: string;
  signal: AbortSignal;
  /** How long nothing may move. */
  stallMs: number;
  /** Called at once and then every 250 ms, in bytes of the archive; `totalBytes` is null until the manifest was read. */
  onProgress: (progress: { doneBytes: number; totalBytes: number | null }) => void;
  /** As much as 64 MiB hold where left out. */
  limits?: ArchiveLimits;
}
