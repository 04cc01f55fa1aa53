import { dirname } from 'node:path';
import { orGiveUp } from '../../giveUp.js';
import { guardAgainstStall } from '../../stallGuard.js';
import { destinationProblem } from './destinationProblem.js';
import { fillTree } from './fillTree.js';
import { checkManifest } from './readManifest.js';
import { removeTree } from './removeTree.js';
import { StagedTree } from './stagedTree.js';
import type { FolderTarget, StagedMedia, StageMediaOrder } from './stageMediaOrder.js';
import { syncFolder, syncTree } from './syncTree.js';

const progressMs = 250;

/**
 * Writes a backup’s media into a new folder beside the live one, or a new area of its bucket, while that stays as it is.
 * The whole manifest is checked before the first byte is written; each file counts only once its SHA-256 was found to be
 * right. A failure or an abort removes the folder again, as far as it can within seconds: `removeTree` does the rest.
 *
 * Symlinks are kept as links, wherever they lead; nothing is ever written through one. Of times, what is below a
 * microsecond is lost; of rights, setuid and setgid of files; long zeros in large files take no room.
 */
export async function stageMedia(order: StageMediaOrder): Promise<StagedMedia> {
  const { part, onProgress, stallMs } = order;
  const moved = { doneBytes: 0, steps: 0 };
  const guard = guardAgainstStall({
    signal: order.signal,
    stallMs,
    what: 'The restoring of the media folder',
    position: () => moved.doneBytes + moved.steps,
  });
  const { signal } = guard;
  const report = () => onProgress({ doneBytes: moved.doneBytes, totalBytes: part.size });
  const timer = setInterval(report, progressMs);
  const onBytes = (bytes: number) => {
    moved.doneBytes += bytes;
    moved.steps += 1;
  };
  try {
    report();
    const staged = await orGiveUp(stage({ ...order, signal }, onBytes), signal);
    report();
    return staged;
  } catch (error: unknown) {
    const cause: unknown = signal.aborted ? signal.reason : error;
    guard.stop(cause);
    throw cause;
  } finally {
    clearInterval(timer);
    guard.release();
  }
}

async function stage(order: StageMediaOrder, onBytes: (bytes: number) => void): Promise<StagedMedia> {
  const { target, signal } = order;
  if (target.in === 'bucket') {
    // What only a bucket needs is loaded for a bucket only.
    const { stageBucket } = await import('./bucket/stageBucket.js');
    return stageBucket(order, target, onBytes);
  }
  const { directory } = target;
  const onStep = () => onBytes(0);
  const totals = await checkManifest(order, onStep);
  const tree = begin(target);
  try {
    await fillTree({ ...order, tree, totals, onBytes });
    await syncTree(directory, signal, onStep);
    tree.finish(target.mode);
    syncFolder(dirname(directory));
    return { ...totals, directory, ino: tree.ino, notHeld: { symlinks: 0, names: 0 } };
  } catch (error: unknown) {
    const problem = signal.aborted ? signal.reason : destinationProblem(error, dirname(directory));
    await removeTree(directory, new AbortController().signal).catch(() => undefined);
    throw problem;
  } finally {
    tree.close();
  }
}

function begin({ directory, owner }: FolderTarget): StagedTree {
  try {
    return new StagedTree(directory, owner);
  } catch (error: unknown) {
    throw destinationProblem(error, dirname(directory));
  }
}
