import { RemoteStorage } from '../../thread/remoteStorage.js';
import type { ThreadPort } from '../../thread/threadPort.js';
import { archiveMedia, type MediaArchive } from './archiveMedia.js';
import type { ArchiveThreadOrder } from './archiveMediaInThread.js';

/** The thread’s side of `archiveMediaInThread`. */
export function run(order: ArchiveThreadOrder, port: ThreadPort): Promise<MediaArchive> {
  return archiveMedia({
    ...order,
    storage: new RemoteStorage(port),
    signal: port.signal,
    onProgress: (progress) => port.tell('progress', progress),
  });
}
