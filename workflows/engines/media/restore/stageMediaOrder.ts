import type { MediaPartDocument, Place } from '#schema/domain';
import type { EngineStorage } from '../../storage/storage.js';
import type { BucketTarget } from './bucket/stageBucket.js';
import type { Owner } from './stagedTree.js';

/** Where media are put beside the live ones: a folder. */
export interface FolderTarget {
  in: 'folder';
  /** Absolute, without links; not there yet, its parent is. */
  directory: string;
  /** Whose everything is to be, where this process may say so; null: its own user’s. */
  owner: Owner | null;
  /** Permission bits of the folder itself: those of the live one. */
  mode: number;
}

/** How much is held in memory at once. */
export interface StageLimits {
  /** Contents after which no further index is read before what they want is written. */
  contents: number;
  /** Files that are written in one go. */
  files: number;
  /** Folders that wait to be finished; for more the manifest is read once more. */
  folders: number;
}

export interface StageMediaOrder {
  storage: EngineStorage;
  /** Of the backup: where its packs lie. */
  place: Place;
  part: MediaPartDocument;
  target: FolderTarget | BucketTarget;
  signal: AbortSignal;
  /** How long nothing may move. */
  stallMs: number;
  /** Called at once and then every 250 ms, in bytes of the files. */
  onProgress: (progress: { doneBytes: number; totalBytes: number }) => void;
  /** As much as 200 MiB hold where left out. */
  limits?: StageLimits;
}
