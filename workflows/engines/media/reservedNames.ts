/** What the name of staged media begins with where they lie in the media folder itself; beside it, it comes after that folder’s name. */
export const stagedPrefix = '.holdfast-restore-';
/** The same for what a restore replaced. */
export const replacedPrefix = '.holdfast-old-';

/**
 * Whether a name directly in a media folder is Holdfast’s own, or a path in a bucket lies below such a name: such entries
 * are no media.
 */
export function isReserved(name: string): boolean {
  return name.startsWith(stagedPrefix) || name.startsWith(replacedPrefix);
}
