import type { RestoredEntry } from '../restore/restoredEntry.js';
import { archiveEntries } from './archiveEntries.js';
import type { ArchivedEntry } from './archiveHeader.js';
import type { ArchiveLimits, ArchiveMediaOrder } from './archiveMediaOrder.js';
import type { BatchedContent } from './batchContents.js';
import { ContentPlaces, damaged, type ContentPlace } from './contentPlaces.js';

type FileEntry = Extract<RestoredEntry, { kind: 'file' }>;

/** What is written next: some entries whose contents are read in one go, or a large file. */
export type ArchiveStep =
  | {
      kind: 'batch';
      entries: ArchivedEntry[];
      /** By number of the entry: where its content begins in the batch’s memory. */
      starts: number[];
      contents: BatchedContent[];
      /** Of all contents. */
      bytes: number;
    }
  | { kind: 'large'; entry: FileEntry; place: ContentPlace };

/** SHA-256 of nothing. */
const ofNothing = Buffer.from('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'hex');

/** All entries of an archive behind its manifest, in their order. */
export async function* archiveSteps(
  order: ArchiveMediaOrder,
  limits: ArchiveLimits,
  onStep: () => void,
): AsyncGenerator<ArchiveStep> {
  const places = new ContentPlaces(order, limits.files, onStep);
  let batch = new Batch();
  let files = 0;
  try {
    for await (const entries of archiveEntries(order)) {
      onStep();
      for (const entry of entries) {
        if (entry.kind !== 'file') batch.add(entry);
        else {
          if (files === places.upTo) await places.next();
          files += 1;
          if (entry.size === 0) batch.add(rightlyEmpty(entry));
          else {
            const place = places.of(entry);
            const isLarge = entry.size > limits.batchBytes;
            if (batch.entries.length > 0 && (isLarge || batch.bytes + entry.size > limits.batchBytes)) {
              yield batch;
              batch = new Batch();
            }
            if (isLarge) yield { kind: 'large', entry, place };
            else batch.addFile(entry, place);
          }
        }
        if (batch.entries.length >= limits.batchEntries) {
          yield batch;
          batch = new Batch();
        }
      }
    }
    if (batch.entries.length > 0) yield batch;
  } finally {
    await places.close();
  }
}

class Batch {
  readonly kind = 'batch';
  readonly entries: ArchivedEntry[] = [];
  readonly starts: number[] = [];
  readonly contents: BatchedContent[] = [];
  bytes = 0;
  private readonly known = new Map<string, number>();

  add(entry: ArchivedEntry): void {
    this.entries.push(entry);
    this.starts.push(0);
  }

  /** Equal contents are read once. */
  addFile(entry: FileEntry, place: ContentPlace): void {
    const { path, sha256 } = entry;
    const where = `${place.pack} ${place.offset}`;
    let at = this.known.get(where);
    if (at === undefined) {
      at = this.bytes;
      this.known.set(where, at);
      this.contents.push({ place, sha256, path, at });
      this.bytes += place.size;
    }
    this.entries.push(entry);
    this.starts.push(at);
  }
}

function rightlyEmpty(entry: FileEntry): FileEntry {
  if (!entry.sha256.equals(ofNothing)) throw damaged(entry, 'is not as large as the manifest says');
  return entry;
}
