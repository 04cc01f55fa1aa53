import type { BucketAddress } from './bucket/openMediaClient.js';
import type { MediaSource } from './source.js';

/** Where media lie, in plain values: threads are told of it. */
export type MediaPlace =
  /** What changed less than `settleMs` ago is read again the next time. */
  | { in: 'folder'; directory: string; settleMs: number }
  /** What is away or busy is asked again for `patienceMs`. */
  | { in: 'bucket'; address: BucketAddress; patienceMs: number };

/** The media in a place. What only a bucket needs is loaded for a bucket only. */
export async function sourceAt(place: MediaPlace): Promise<MediaSource> {
  if (place.in === 'folder') {
    const { folderSource } = await import('./folder/folderSource.js');
    return folderSource(place.directory, place.settleMs);
  }
  const { bucketSource } = await import('./bucket/bucketSource.js');
  return bucketSource(place.address, place.patienceMs);
}

/** What sentences call the media there, before anything is known of them. */
export function placeInWords(place: MediaPlace): string {
  return place.in === 'folder' ? 'media folder' : 'media bucket';
}
