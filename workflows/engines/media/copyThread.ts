import { Pace } from '../pace.js';
import { RemoteStorage } from '../thread/remoteStorage.js';
import type { ThreadPort } from '../thread/threadPort.js';
import type { CopyCalls, CopyThreadOrder } from './copyInThread.js';
import { copyMedia, type CopiedMedia } from './copyMedia.js';
import { sourceAt } from './mediaPlace.js';
import { pacedSource } from './pacedSource.js';

/** The thread’s side of `copyInThread`. */
export async function run(
  { media, pace, asksKnown, ...order }: CopyThreadOrder,
  port: ThreadPort,
): Promise<CopiedMedia> {
  const source = await sourceAt(media);
  const { knownHashes, onPack, onPackDone } = port.calls<CopyCalls>();
  return copyMedia({
    ...order,
    source: pace ? pacedSource(source, new Pace(pace.bytesPerSecond, pace.shared)) : source,
    storage: new RemoteStorage(port),
    signal: port.signal,
    ...(asksKnown && { knownHashes }),
    onPack,
    onPackDone,
    onProgress: (progress) => port.tell('progress', progress),
  });
}
