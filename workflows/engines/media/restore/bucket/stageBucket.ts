import type { MediaBucket } from '../../bucket/mediaBucket.js';
import { listObjects } from '../../bucket/listObjects.js';
import { isReserved } from '../../reservedNames.js';
import { StepProblem } from '../../../stepProblem.js';
import { fillTree } from '../fillTree.js';
import { FolderStack } from '../folderStack.js';
import { readManifest, checkManifest } from '../readManifest.js';
import type { BucketTarget, StagedMedia, StageMediaOrder } from '../stageMediaOrder.js';
import { bothAreasOf, namelessAreaOf } from './bucketAreas.js';
import { copyObject } from './copyObject.js';
import { holdArea } from './holdArea.js';
import { deleteObject, putObject } from './objects.js';
import { endUploads, removeArea } from './removeArea.js';
import { StagedBucket } from './stagedBucket.js';
import { inBucket } from './writableBucket.js';

/** For so long what a failure leaves is removed at once; others go on with it. */
const tidyMs = 8_000;

/** `stageMedia` into a bucket. */
export async function stageBucket(
  order: StageMediaOrder,
  target: BucketTarget,
  onBytes: (bytes: number) => void,
): Promise<StagedMedia> {
  const { signal } = order;
  const onStep = () => onBytes(0);
  const totals = await checkManifest(order, onStep);
  try {
    return await inBucket(target, signal, async (bucket) => {
      const { area } = target;
      await tryWriting(bucket, area);
      const [hasLive, hasHardlinks] = [await hasObjects(bucket), totals.hardlinks > 0];
      const tree = new StagedBucket({ bucket, area, hasLive, hasHardlinks }, onStep);
      await fillTree({ ...order, tree, totals, onBytes });
      const emptyFolders = await makeEmptyFolders(order, tree);
      await tree.pool.settle();
      await removeArea(bucket, namelessAreaOf(area), onStep);
      const { objects, identity } = await holdArea(bucket, area, onStep);
      const wanted = totals.files + totals.hardlinks + emptyFolders - tree.notHeld.names;
      if (objects !== wanted) throw loses(bucket, `: ${objects} objects are there of ${wanted}`);
      return { ...totals, directory: area, ino: identity, notHeld: tree.notHeld };
    });
  } catch (error: unknown) {
    await tidy(target);
    throw error;
  }
}

/** Finds out what rights lack before anything is done that needs them. */
async function tryWriting(bucket: MediaBucket, area: string): Promise<void> {
  const [first, second] = [`${area}try`, `${area}try-again`];
  await putObject(bucket, first, 'x');
  if (!(await copyObject(bucket, { from: first, to: second, size: 1, onStep: () => undefined }))) {
    throw loses(bucket, '');
  }
  for (const path of [first, second]) await deleteObject(bucket, path);
}

function loses(bucket: MediaBucket, how: string): StepProblem {
  return new StepProblem(
    'MEDIA_RESTORE_FAILED',
    `The media bucket ${bucket.words} loses what is put there${how}`,
    { remedy: 'Look which rule of the bucket removes objects, then retry.' },
  );
}

async function hasObjects(bucket: MediaBucket): Promise<boolean> {
  for await (const page of listObjects(bucket)) if (page.some(({ path }) => !isReserved(path))) return true;
  return false;
}

/** A folder that holds something needs no object of its own. Answers how many others there are. */
async function makeEmptyFolders(order: StageMediaOrder, tree: StagedBucket): Promise<number> {
  let made = 0;
  const open = new FolderStack<{ path: string; isEmpty: boolean }>();
  const close = async (folders: Array<{ path: string; isEmpty: boolean }>) => {
    for (const { path, isEmpty } of folders) {
      if (!isEmpty) continue;
      made += 1;
      await tree.makeEmptyFolder(path);
    }
  };
  for await (const entries of readManifest(order)) {
    for (const { kind, path } of entries) {
      await close(open.pass(path));
      if (kind === 'absent' || kind === 'symlink') continue;
      const above = open.above(path);
      if (above) above.isEmpty = false;
      if (kind === 'directory') open.push(path, { path, isEmpty: true });
    }
    tree.onStep();
  }
  await close(open.end());
  return made;
}

async function tidy(target: BucketTarget): Promise<void> {
  const signal = AbortSignal.timeout(tidyMs);
  await inBucket({ ...target, patienceMs: 0 }, signal, async (bucket) => {
    const areas = bothAreasOf(target.area);
    await removeArea(bucket, areas, () => undefined);
    await endUploads(bucket, areas);
  }).catch(() => undefined);
}
