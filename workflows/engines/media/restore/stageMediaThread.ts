import { RemoteStorage } from '../../thread/remoteStorage.js';
import type { ThreadPort } from '../../thread/threadPort.js';
import { stageMedia } from './stageMedia.js';
import type { StagedMedia } from './stageMediaOrder.js';
import type { StageThreadOrder } from './stageMediaInThread.js';

/** The thread’s side of `stageMediaInThread`. */
export function run(order: StageThreadOrder, port: ThreadPort): Promise<StagedMedia> {
  return stageMedia({
    ...order,
    storage: new RemoteStorage(port),
    signal: port.signal,
    onProgress: (progress) => port.tell('progress', progress),
  });
}
