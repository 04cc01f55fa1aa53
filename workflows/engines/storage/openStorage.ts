import { FileStorage } from './file.js';
import type { Storage } from './storage.js';
import { throttled } from './throttle.js';

/** How storage is set up. */
export interface StorageSettings {
  /** Absolute path of a folder that is there. */
  directory: string;
  /** Limit for what all writes together take in; none where left out. */
  maxBytesPerSecond?: number | null;
}

/** The storage that the settings describe; nothing is asked of it yet. */
export function openStorage({ directory, maxBytesPerSecond }: StorageSettings): Storage {
  const storage = new FileStorage(directory);
  return maxBytesPerSecond ? throttled(storage, maxBytesPerSecond) : storage;
}
