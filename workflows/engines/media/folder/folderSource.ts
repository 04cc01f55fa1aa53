import type { MediaSource } from '../source.js';
import { measure } from './measure.js';
import { openRoot, requireSameRoot } from './openRoot.js';
import { walk } from './walk.js';

/**
 * Media in a folder. They are read synchronously, which is many times quicker than waiting. What changed less than
 * `settleMs` ago is read again the next time, whatever it looks like then.
 */
export function folderSource(directory: string, settleMs: number): MediaSource {
  return {
    id: `folder ${directory}`,
    noun: 'media folder',
    reader: 'the worker’s user',
    smallBytes: 1024 * 1024,
    batchFiles: 1024,
    async open({ signal, onStep, measure: isMeasured = true }) {
      const root = openRoot(directory);
      return {
        bytes: isMeasured ? await measure(root.path, signal, onStep) : 0,
        walk: () => walk(root.path, settleMs),
        noteKnown: () => undefined,
        requireSame: () => requireSameRoot(directory, root),
        close: () => undefined,
      };
    },
  };
}
