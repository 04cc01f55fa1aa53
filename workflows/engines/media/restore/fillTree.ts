import { StepProblem } from '../../stepProblem.js';
import { extractContents } from './extractContents.js';
import { FolderStack } from './folderStack.js';
import type { ManifestTotals } from './manifestRules.js';
import { PackRows } from './packRows.js';
import { pathInWords } from './pathRules.js';
import { readManifest } from './readManifest.js';
import type { RestoredEntry } from './restoredEntry.js';
import type { StageLimits, StageMediaOrder } from './stageMediaOrder.js';
import type { StagingTree } from './stagingTree.js';
import { WantedFiles } from './wantedFiles.js';

const usualLimits: StageLimits = { contents: 400_000, files: 500_000, folders: 50_000 };

export interface FillOrder extends StageMediaOrder {
  tree: StagingTree;
  /** What a first reading of the manifest found. */
  totals: ManifestTotals;
  onBytes: (bytes: number) => void;
}

/**
 * Makes every entry of a manifest in a new folder, or area of a bucket. Memory is bounded: the manifest is read once for every few packs, and
 * only the paths of the files whose contents lie in these are held.
 */
export async function fillTree(order: FillOrder): Promise<void> {
  const { part, tree, totals, signal, limits = usualLimits } = order;
  const isDone = new Uint8Array(Math.ceil(part.files / 8));
  let left = part.files;
  const folders: RestoredEntry[] | null = totals.folders > limits.folders ? null : [];
  let isFirst = true;
  let next = 0;
  do {
    const rows = new PackRows();
    while (next < part.packs.length && rows.count < limits.contents) {
      await rows.read(part.packs[next] ?? '', next, order);
      order.onBytes(0);
      next += 1;
    }
    for (let isAll = false; !isAll;) {
      const wanted = new WantedFiles(rows.count, Math.min(left, limits.files));
      isAll = await gather(order, { rows, wanted, isDone, isFirst, folders });
      isFirst = false;
      left -= wanted.count;
      await extractContents({ ...order, packs: part.packs, rows, wanted });
    }
    signal.throwIfAborted();
  } while (next < part.packs.length && left > 0);
  if (left > 0) await refuseMissing(order, isDone);
  if (totals.hardlinks > 0) await makeHardlinks(order);
  // Inner folders first: a folder that its owner may not enter keeps nobody from those in it.
  if (folders) for (const folder of folders.reverse()) tree.finishFolder(folder);
  else await finishFolders(order, tree);
}

interface Gathering {
  rows: PackRows;
  wanted: WantedFiles;
  /** By number of the file in the manifest, a bit each. */
  isDone: Uint8Array;
  /** Whether folders and symlinks are still to be made. */
  isFirst: boolean;
  /** Takes the folders that are made; null where they are too many. */
  folders: RestoredEntry[] | null;
}

/** Notes which files want the contents of some packs; false where there was no room for all of them. */
async function gather(
  order: FillOrder,
  { rows, wanted, isDone, isFirst, folders }: Gathering,
): Promise<boolean> {
  const { tree, onBytes } = order;
  let isAll = true;
  let number = -1;
  for await (const entries of readManifest(order)) {
    for (const entry of entries) {
      if (entry.kind === 'directory' && isFirst) {
        tree.makeFolder(entry.path);
        folders?.push(entry);
      }
      if (entry.kind === 'symlink' && isFirst) tree.makeSymlink(entry);
      if (entry.kind !== 'file') continue;
      number += 1;
      if (!isAll && !isFirst) break;
      if (!isAll || isSet(isDone, number)) continue;
      const row = rows.find(entry.sha256);
      if (row === null) continue;
      if (rows.sizes[row] !== entry.size) throw otherSize(entry);
      if (wanted.add(row, entry)) isDone[number >> 3] = (isDone[number >> 3] ?? 0) | (1 << (number & 7));
      else isAll = false;
    }
    onBytes(0);
    if (!isAll && !isFirst) break;
  }
  return isAll;
}

async function makeHardlinks(order: FillOrder): Promise<void> {
  for await (const entries of readManifest(order)) {
    for (const entry of entries)
      if (entry.kind === 'hardlink') await order.tree.makeHardlink(entry.path, entry.target);
    order.onBytes(0);
  }
}

/** The same for any number of folders. */
async function finishFolders(order: FillOrder, tree: StagingTree): Promise<void> {
  const open = new FolderStack<RestoredEntry>();
  for await (const entries of readManifest(order)) {
    for (const entry of entries) {
      for (const folder of open.pass(entry.path)) tree.finishFolder(folder);
      if (entry.kind === 'directory') open.push(entry.path, entry);
    }
    order.onBytes(0);
  }
  for (const folder of open.end()) tree.finishFolder(folder);
}

async function refuseMissing(order: FillOrder, isDone: Uint8Array): Promise<void> {
  let number = -1;
  for await (const entries of readManifest(order)) {
    for (const entry of entries) {
      if (entry.kind === 'file' && !isSet(isDone, (number += 1))) {
        throw new StepProblem(
          'BACKUP_DAMAGED',
          `The content of ${pathInWords(entry.path)} is in none of the backup’s packs`,
        );
      }
    }
  }
}

function isSet(bits: Uint8Array, number: number): boolean {
  return ((bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
}

function otherSize({ path }: RestoredEntry): StepProblem {
  return new StepProblem(
    'BACKUP_DAMAGED',
    `The content of ${pathInWords(path)} is not as large as the manifest says`,
  );
}
