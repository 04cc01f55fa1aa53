import { accessSync, constants, lstatSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../../systemCode.js';
import { destinationProblem } from './destinationProblem.js';
import { isMountPoint, mountsBelow } from './mountPoints.js';
import { folderIno } from './restorePlaces.js';
import type { Owner } from './stagedTree.js';

/** What there is at the place of a media folder. */
export interface FolderSurvey {
  /** Its path without links: what is switched. */
  path: string;
  /** `other`: a file, or a link that leads nowhere. */
  kind: 'folder' | 'missing' | 'other';
  /** `device:inode`; null where there is no folder. */
  ino: string | null;
  /** Whose it is, and its permission bits; of a missing one, those of the folder it would lie in. */
  owner: Owner;
  mode: number;
  /** Bytes that this user may still write there. */
  freeBytes: number;
  /** Whether it cannot be renamed because something is mounted there: its entries must be moved, and staged in it. */
  isMountPoint: boolean;
  /** What is mounted below it; moving that fails or leaves it behind. */
  mountsBelow: string[];
  /** Whether entries can be made in it, and beside it. */
  writable: boolean;
  parentWritable: boolean;
}

/** Looks what is at the place of a media folder, without touching it. Throws where its parent cannot be looked at. */
export function surveyFolder(directory: string): FolderSurvey {
  try {
    return survey(directory);
  } catch (error: unknown) {
    throw destinationProblem(error, dirname(directory));
  }
}

function survey(directory: string): FolderSurvey {
  const path = resolved(directory);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  const isFolder = stats?.isDirectory() ?? false;
  const { uid, gid, mode } = isFolder && stats ? stats : statSync(dirname(path));
  const { bavail, bsize } = statfsSync(isFolder ? path : dirname(path));
  return {
    path,
    kind: isFolder ? 'folder' : stats ? 'other' : 'missing',
    ino: isFolder ? folderIno(path) : null,
    owner: { uid, gid },
    mode: mode & 0o7777,
    freeBytes: bavail * bsize,
    isMountPoint: isFolder && isMountPoint(path),
    mountsBelow: isFolder ? mountsBelow(path) : [],
    writable: isFolder && isWritable(path),
    parentWritable: isWritable(dirname(path)),
  };
}

/** The path without links; of what is missing, that of where it would be. */
function resolved(directory: string): string {
  try {
    return realpathSync(directory);
  } catch (error: unknown) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return join(realpathSync(dirname(directory)), basename(directory));
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
