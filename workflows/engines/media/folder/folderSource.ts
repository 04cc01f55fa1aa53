import type { MediaSource } from '../source.js';
import { measure } from './measure.js';
import { openRoot, requireSameRoot } from './openRoot.js';
import { walk } from './walk.js';

/** Media in a folder. */
export function folderSource(directory: string): MediaSource {
  return {
    noun: 'media folder',
    reader: 'the worker’s user',
    smallBytes: 1024 * 1024,
    async open({ signal, onStep }) {
      const root = openRoot(directory);
      return {
        bytes: await measure(root.path, signal, onStep),
        walk: () => walk(root.path),
        requireSame: () => requireSameRoot(directory, root),
        close: () => undefined,
      };
    },
  };
}
