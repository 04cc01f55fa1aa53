import { HeldListing } from '../../bucket/heldListing.js';
import { misfit, type Listed } from '../../bucket/folderTree.js';
import { listObjects } from '../../bucket/listObjects.js';
import type { MediaBucket } from '../../bucket/mediaBucket.js';
import { isReserved } from '../../reservedNames.js';

/** The objects of one area, in the order of their paths. */
export interface HeldArea extends Iterable<Listed> {
  objects: number;
  /** Tells it from what it is with objects missing or other ones: how many there are, and their bytes. */
  identity: string;
}

/**
 * Lists an area and holds the listing; the live one is `''`: of that neither what restores have put there, nor the object
 * that only says that there is such a prefix, nor keys that no backup can hold, which stay as they are.
 */
export async function holdArea(bucket: MediaBucket, area: string, onStep: () => void): Promise<HeldArea> {
  const listing = new HeldListing();
  let objects = 0;
  let bytes = 0;
  for await (const page of listObjects(bucket, area)) {
    for (const listed of page) {
      if (listed.path === '' || (area === '' && isNoMedia(listed))) continue;
      listing.add(listed);
      objects += 1;
      bytes += listed.size;
    }
    onStep();
  }
  listing.end();
  return {
    objects,
    identity: `${objects} objects, ${bytes} bytes`,
    [Symbol.iterator]: () => listing[Symbol.iterator](),
  };
}

function isNoMedia({ path, size }: Listed): boolean {
  return isReserved(path) || misfit(path, size) !== null;
}
