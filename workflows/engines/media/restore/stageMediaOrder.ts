import type { MediaPartDocument, Place } from '#schema/domain';
import type { EngineStorage } from '../../storage/storage.js';
import type { BucketAddress } from '../bucket/openMediaClient.js';
import type { ManifestTotals } from './manifestRules.js';
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

/** Where media are put beside the live ones of a bucket. */
export interface BucketTarget {
  in: 'bucket';
  address: BucketAddress;
  /** For how long what is away or busy is asked again. */
  patienceMs: number;
  /** What keys go on with behind the prefix of the media; nothing lies there yet. */
  area: string;
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

/** Media that are whole and durable beside the live ones. */
export interface StagedMedia extends ManifestTotals {
  /** Or the area of a bucket. */
  directory: string;
  /** `device:inode` of it; of an area, how many objects and bytes it holds. */
  ino: string;
  /** What the destination cannot hold, and was left out. */
  notHeld: { symlinks: number; names: number };
}
