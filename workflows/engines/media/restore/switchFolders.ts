import { lstatSync, renameSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from '../../systemCode.js';
import { destinationProblem } from './destinationProblem.js';
import { strange, type FolderSwitch, type Switched } from './folderSwitch.js';
import { folderIno } from './restorePlaces.js';
import { switchEntries } from './switchEntries.js';
import { syncFolder } from './syncTree.js';

/**
 * Puts staged media into the place of the live ones, and keeps those. Where it was cut off, another call goes on from
 * there: which folder is which is told by their inodes, and where entries are moved, by a journal. Throws
 * MEDIA_RESTORE_FAILED where something is neither as it was before nor as this leaves it.
 */
export async function switchFolders(order: FolderSwitch): Promise<Switched> {
  return attempt(order, () => (keeps(order) ? switchEntries(order, 'new') : rename(order)));
}

/** Puts things back as they were before `switchFolders`, with the same order, however far that came. */
export async function switchBackFolders(order: FolderSwitch): Promise<Switched> {
  const { staged, old, liveIno, stagedIno } = order;
  const back = { ...order, staged: old, old: staged, liveIno: stagedIno, stagedIno: liveIno };
  return attempt(order, () => (keeps(order) ? switchEntries(order, 'old') : rename(back)));
}

/** Where there is no folder, none can be kept. */
function keeps({ keepFolder, liveIno }: FolderSwitch): boolean {
  return keepFolder && liveIno !== null;
}

async function attempt({ live }: FolderSwitch, work: () => Switched | Promise<Switched>): Promise<Switched> {
  try {
    return await work();
  } catch (error: unknown) {
    throw destinationProblem(error, dirname(live));
  }
}

function rename({ live, staged, old, liveIno, stagedIno, onDeed }: FolderSwitch): Switched {
  let moved: Switched = 'already';
  const move = (from: string, to: string) => {
    onDeed?.(`rename ${from} to ${to}`);
    renameSync(from, to);
    onDeed?.('make it durable');
    syncFolder(dirname(to));
    moved = 'switched';
  };
  let now = folderIno(live);
  if (now === stagedIno) {
    // Where nothing is to be put there, nothing is there also before anything has been done.
    if (stagedIno !== null || liveIno === null || folderIno(old) === liveIno) return moved;
    throw strange(live);
  }
  if (stagedIno !== null && folderIno(staged) !== stagedIno) throw strange(staged);
  if (now !== null && now === liveIno) {
    if (folderIno(old) !== null) throw strange(old);
    move(live, old);
    now = null;
  } else if (liveIno !== null && folderIno(old) !== liveIno) {
    throw strange(live);
  } else if (now !== null) {
    onDeed?.(`remove ${live}`);
    makeRoom(live);
  }
  if (stagedIno !== null) move(staged, live);
  return moved;
}

/** Between the two renames somebody may have made the folder anew; as long as it is empty that does no harm. */
function makeRoom(live: string): void {
  if (!lstatSync(live).isDirectory()) throw strange(live);
  try {
    rmdirSync(live);
  } catch (error: unknown) {
    if (systemCode(error) === 'ENOTEMPTY' || systemCode(error) === 'EEXIST') throw strange(live);
    throw error;
  }
}
