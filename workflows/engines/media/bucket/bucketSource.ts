import { StepProblem } from '../../stepProblem.js';
import { bytesOf } from '../bytePath.js';
import { readSmallFile } from '../readSmallFile.js';
import { isReserved } from '../reservedNames.js';
import {
  changed,
  type MediaSource,
  type OpenMedia,
  type SourceFile,
  type Unread,
  type Walked,
} from '../source.js';
import { contentOf, factsOf, lookAt, type ObjectState } from './bucketObject.js';
import { FolderTree, type Listed, type Planned } from './folderTree.js';
import { HeldListing } from './heldListing.js';
import { listObjects } from './listObjects.js';
import { MediaBucket } from './mediaBucket.js';
import type { BucketAddress } from './openMediaClient.js';

/** How many objects in a row, from the first, may not be read before that is no matter of single ones. */
const enough = 100;
const noneOf = 'Not one object of';

/** Media in a bucket. What is away or busy is asked again for `patienceMs`. */
export function bucketSource(address: BucketAddress, patienceMs: number): MediaSource {
  const { bucket, prefix, endpoint } = address.place;
  return {
    id: `bucket ${endpoint ?? 's3'} ${bucket}/${prefix}`,
    noun: `media bucket “${bucket}/${prefix}”`,
    reader: 'the owner of the keys',
    // Each object is a request of its own: the larger those that are read side by side, the less is waited.
    smallBytes: 4 * 1024 * 1024,
    batchFiles: 64,
    async open({ signal, onStep }) {
      const bucket = new MediaBucket(address, patienceMs, signal);
      try {
        return await OpenBucket.list(bucket, onStep);
      } catch (error: unknown) {
        bucket.close();
        throw error;
      }
    },
  };
}

/** A bucket whose listing is known: what is added later belongs to the next backup. */
class OpenBucket implements OpenMedia {
  bytes = 0;
  private readonly listing = new HeldListing();
  private readonly tree = new FolderTree();
  /** How many reads ended well, and why others did not. */
  private readonly reads = { well: 0, vanished: 0, unreadable: 0 };

  private constructor(private readonly bucket: MediaBucket) {}

  static async list(bucket: MediaBucket, onStep: () => void): Promise<OpenBucket> {
    const media = new OpenBucket(bucket);
    let objects = 0;
    for await (const all of listObjects(bucket)) {
      // What a restore has put there is no media.
      const page = all.filter(({ path }) => !isReserved(path));
      for (const listed of page) {
        media.listing.add(listed);
        media.tree.note(listed);
        media.bytes += listed.size;
      }
      objects += page.length;
      onStep();
    }
    media.listing.end();
    if (objects === 0 && bucket.place.prefix !== '') throw emptyPrefix(bucket);
    return media;
  }

  *walk(): Generator<Walked> {
    for (const planned of this.tree.plan(this.listing)) yield this.toWalked(planned);
  }

  /** It could be read once, as far as that goes. */
  noteKnown(): void {
    this.reads.well += 1;
  }

  /** A bucket where nothing could be read was taken away meanwhile, or is not for the owner of the keys. */
  requireSame(): void {
    const { well, vanished, unreadable } = this.reads;
    if (well > 0) return;
    if (unreadable > 0) throw this.bucket.cannotRead(noneOf);
    if (vanished === 0) return;
    throw new StepProblem(
      'MEDIA_NOT_FOUND',
      `All objects of the media bucket ${this.bucket.words} vanished while it was read`,
      { remedy: 'Look what became of them, then retry.' },
    );
  }

  close(): void {
    this.bucket.close();
  }

  private toWalked(planned: Planned): Walked {
    if (planned.kind === 'file') return this.toFile(planned.listed);
    const { path } = planned;
    const times = factsOf({ size: 0, etag: null, mtimeMs: planned.mtimeMs ?? 0 });
    if (planned.kind === 'directory') return { kind: 'directory', path, facts: { ...times, mode: 0o755 } };
    return { kind: 'problem', path, facts: times, type: 'file', cause: 'name', problem: planned.problem };
  }

  private toFile(listed: Listed): Walked {
    const { path } = listed;
    const key = this.bucket.place.prefix + bytesOf(path).toString('utf8');
    let known: ObjectState | null = listed;
    const file: SourceFile = {
      kind: 'file',
      path,
      facts: factsOf(listed),
      readSmall: (limit, take) => readSmallFile(file, limit, take),
      withContent: async (use) => {
        const state = known ?? (await lookAt(this.bucket, key));
        if ('problem' in state) return this.tell(state);
        known = state;
        const { facts, read } = contentOf(this.bucket, key, state);
        // Nothing is asked for an empty one.
        const told: typeof read = async (onPiece) => this.tell(await read(onPiece));
        const answer = await use({ facts, read: state.size === 0 ? read : told });
        // It is looked at anew where it is read anew.
        if (answer === changed) known = null;
        return answer;
      },
    };
    return file;
  }

  private tell<Outcome extends Unread | null>(outcome: Outcome): Outcome {
    if (outcome === null) this.reads.well += 1;
    else if (outcome.cause === 'vanished' || outcome.cause === 'unreadable') this.reads[outcome.cause] += 1;
    if (this.reads.well === 0 && this.reads.unreadable >= enough) throw this.bucket.cannotRead(noneOf);
    return outcome;
  }
}

/** A bucket has no folders: a prefix without a key is what a missing folder is. */
export function emptyPrefix({ words, place: { prefix } }: MediaBucket): StepProblem {
  return new StepProblem('MEDIA_NOT_FOUND', `Nothing lies below the prefix of the media bucket ${words}`, {
    remedy: `Correct the prefix in the environment’s settings, or put an empty object “${prefix}” there, then retry.`,
  });
}
