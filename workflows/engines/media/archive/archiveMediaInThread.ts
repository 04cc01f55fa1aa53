import { inThread } from '../../thread/inThread.js';
import type { MediaArchive } from './archiveMedia.js';
import type { ArchiveMediaOrder } from './archiveMediaOrder.js';

/** What the thread is told: the order without what cannot be sent. */
export type ArchiveThreadOrder = Omit<ArchiveMediaOrder, 'storage' | 'signal' | 'onProgress'>;

/** `archiveMedia` in a thread of its own. */
export async function archiveMediaInThread(order: ArchiveMediaOrder): Promise<MediaArchive> {
  const { storage, signal, onProgress, ...told } = order;
  return inThread<MediaArchive>({
    engine: 'archiveMedia',
    order: told satisfies ArchiveThreadOrder,
    storage,
    hears: { progress: onProgress },
    signal,
    stallMs: order.stallMs,
    what: 'The archiving of the media',
  });
}
