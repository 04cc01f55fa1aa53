import type { SharedPace } from '../pace.js';
import { inThread } from '../thread/inThread.js';
import type { KnownHashes } from './contentStore.js';
import type { CopiedMedia } from './copyMedia.js';
import type { CopyMediaOrder } from './copyMediaOrder.js';
import { placeInWords, type MediaPlace } from './mediaPlace.js';
import type { FinishedPack } from './packWriter.js';

type Sendable = Omit<
  CopyMediaOrder,
  'source' | 'storage' | 'signal' | 'knownHashes' | 'onPack' | 'onPackDone' | 'onProgress'
>;

/** What the thread is told: the order without what cannot be sent. */
export interface CopyThreadOrder extends Sendable {
  media: MediaPlace;
  /** How fast the media are read; null: as fast as can be. */
  pace: SharedPace | null;
  /** Whether it shall ask which hashes are known. */
  asksKnown: boolean;
}

/** What the thread asks. */
export interface CopyCalls {
  knownHashes: KnownHashes;
  onPack(packId: string): Promise<void>;
  onPackDone(pack: FinishedPack): Promise<void>;
}

/** `copyMedia` in a thread of its own. */
export async function copyInThread(
  order: Omit<CopyMediaOrder, 'source'> & { media: MediaPlace; pace: SharedPace | null; stallMs: number },
): Promise<CopiedMedia> {
  const { storage, signal, knownHashes, onPack, onPackDone, onProgress, ...plain } = order;
  const told: CopyThreadOrder = { ...plain, asksKnown: knownHashes !== undefined };
  return inThread<CopiedMedia>({
    engine: 'copyMedia',
    order: told,
    storage,
    answers: { ...(knownHashes && { knownHashes }), onPack, onPackDone },
    hears: { progress: onProgress },
    signal,
    stallMs: order.stallMs,
    what: `The copy of the ${placeInWords(order.media)}`,
  });
}
