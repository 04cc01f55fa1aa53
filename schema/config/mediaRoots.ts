import path from 'node:path';

/** Where media folders may lie. */
export interface MediaRoots {
  /** Holdfast’s own data folder: nothing below it is media. */
  data?: string | undefined;
  /** `:`-separated folders; absent: anywhere. */
  roots?: string | undefined;
  /** The demo’s folders, allowed although below the data folder. */
  demo?: string | undefined;
}

/** Longest path of a media folder, in characters; the system takes no longer ones. */
const longestPath = 4_096;
/** Where the system shows itself as files, some of them without an end. */
const pseudoFolders = ['/proc', '/sys', '/dev'];

function contains(folder: string, inner: string): boolean {
  const relative = path.relative(folder, inner);
  return relative !== '..' && !relative.startsWith('../') && !path.isAbsolute(relative);
}

/**
 * Why a folder may not be used as media, or null where it may. The caller gives the path with links resolved where
 * the folder exists; where it does not, the path as written.
 */
export function mediaDirectoryProblem(directory: string, allowed: MediaRoots): string | null {
  if (!path.isAbsolute(directory)) return 'Give the media folder’s absolute path.';
  if (directory.includes('\0')) return 'The media folder’s path holds a zero byte: remove it.';
  if (directory.length > longestPath) return `Use at most ${longestPath} characters.`;
  const normal = path.normalize(directory);
  const pseudo = pseudoFolders.find((folder) => contains(folder, normal));
  if (pseudo) return `What lies below ${pseudo} are no files: choose a folder with media.`;
  if (allowed.demo && contains(path.resolve(allowed.demo), normal)) return null;
  const data = allowed.data && path.resolve(allowed.data);
  if (data && (contains(data, normal) || contains(normal, data))) {
    return 'This folder overlaps Holdfast’s own data: choose one outside of it.';
  }
  const roots = (allowed.roots ?? '').split(':').filter(Boolean);
  if (roots.length === 0) return null;
  return roots.some((root) => contains(path.resolve(root), normal)) ? null : notOwnFolder(allowed);
}

/** The words for a folder outside the roots, and for one of another project: which of the two it is nobody is told. */
export function notOwnFolder({ roots = '' }: MediaRoots): string {
  const below = roots.split(':').filter(Boolean).join(' or ');
  const where = below && ` below ${below} (HOLDFAST_MEDIA_ROOTS)`;
  return `Choose a folder${where} that is this project’s own, or ask the operator of Holdfast.`;
}
