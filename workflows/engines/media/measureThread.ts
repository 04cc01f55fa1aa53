import type { ThreadPort } from '../thread/threadPort.js';
import { sourceAt, type MediaPlace } from './mediaPlace.js';

/** The thread’s side of `measureInThread`. */
export async function run(place: MediaPlace, port: ThreadPort): Promise<number> {
  const source = await sourceAt(place);
  const media = await source.open({ signal: port.signal, onStep: () => undefined });
  media.close();
  return media.bytes;
}
