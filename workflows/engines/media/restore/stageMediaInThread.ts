import { inThread } from '../../thread/inThread.js';
import type { StagedMedia } from './stageMediaOrder.js';
import type { StageMediaOrder } from './stageMediaOrder.js';

/** What the thread is told: the order without what cannot be sent. */
export type StageThreadOrder = Omit<StageMediaOrder, 'storage' | 'signal' | 'onProgress'>;

/** `stageMedia` in a thread of its own. */
export async function stageMediaInThread(order: StageMediaOrder): Promise<StagedMedia> {
  const { storage, signal, onProgress, ...told } = order;
  return inThread<StagedMedia>({
    engine: 'stageMedia',
    order: told satisfies StageThreadOrder,
    storage,
    hears: { progress: onProgress },
    signal,
    stallMs: order.stallMs,
    what: 'The restoring of the media folder',
  });
}
