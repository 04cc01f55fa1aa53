import type { EngineStorage } from '../storage/storage.js';
import { inThread } from '../thread/inThread.js';
import { placeInWords, type MediaPlace } from './mediaPlace.js';

/** Bytes of the media’s files, found in a thread: a folder that hangs keeps nobody else waiting. */
export async function measureInThread(
  media: MediaPlace,
  { storage, signal, stallMs }: { storage: EngineStorage; signal: AbortSignal; stallMs: number },
): Promise<number> {
  return inThread<number>({
    engine: 'measureMedia',
    order: media,
    storage,
    hears: {},
    signal,
    stallMs,
    what: `The look at the ${placeInWords(media)}`,
  });
}
