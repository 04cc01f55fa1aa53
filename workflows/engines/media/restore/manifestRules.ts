import type { MediaPartDocument } from '#schema/domain';
import { StepProblem } from '../../stepProblem.js';
import { FolderStack } from './folderStack.js';
import { leadsOut, pathInWords, pathProblem, targetProblem } from './pathRules.js';
import type { RestoredEntry } from './restoredEntry.js';

/** What a manifest has been found to hold so far. */
export interface ManifestTotals {
  /** Lines, those of what the backup does not hold included. */
  entries: number;
  files: number;
  /** Bytes of the files. */
  bytes: number;
  folders: number;
  hardlinks: number;
  /** What is listed without being held. */
  absent: number;
  /** Symlinks that lead out of the media folder: they are kept as links. */
  outwardLinks: number;
}

/** That a manifest holds what none of ours does. */
export function damagedManifest(what: string): StepProblem {
  return new StepProblem('BACKUP_DAMAGED', `The manifest of the media cannot be restored: ${what}`);
}

/**
 * What entries must be like to be written anywhere: in order, each once, each below folders that are listed, with no
 * name that leads out, and no more than the backup says it holds. So nothing can be written through a link.
 */
export class ManifestRules {
  readonly totals: ManifestTotals = {
    entries: 0,
    files: 0,
    bytes: 0,
    folders: 0,
    hardlinks: 0,
    absent: 0,
    outwardLinks: 0,
  };
  private readonly folders = new FolderStack<null>();
  private last = '';
  private isLastAbsent = true;

  constructor(private readonly part: Pick<MediaPartDocument, 'entries' | 'files' | 'size'>) {}

  /** Takes the next entry in; throws BACKUP_DAMAGED, naming it, where it may not be. */
  pass(entry: RestoredEntry): void {
    const { totals, part } = this;
    totals.entries += 1;
    if (totals.entries > part.entries) throw damagedManifest('it has more entries than the backup');
    this.requireOrder(entry);
    this.folders.pass(entry.path);
    if (entry.kind === 'absent') {
      // Such names are those that no folder can hold, among others; nothing is made of them.
      totals.absent += 1;
      return;
    }
    const problem = pathProblem(entry.path) ?? linkProblem(entry);
    if (problem) throw damagedManifest(`${pathInWords(entry.path)} ${problem}`);
    if (!this.folders.holds(entry.path)) {
      throw damagedManifest(`${pathInWords(entry.path)} lies below what is not listed as a folder`);
    }
    if (entry.kind === 'directory') {
      totals.folders += 1;
      this.folders.push(entry.path, null);
    }
    if (entry.kind === 'hardlink') totals.hardlinks += 1;
    if (entry.kind === 'symlink' && leadsOut(entry.path, entry.target)) totals.outwardLinks += 1;
    if (entry.kind === 'file') {
      totals.files += 1;
      totals.bytes += entry.size;
      if (totals.bytes > part.size) {
        throw damagedManifest(`with ${pathInWords(entry.path)} its files are larger than the backup says`);
      }
    }
  }

  /** Throws where there was less than the backup says. */
  end(): void {
    const { totals, part } = this;
    if (totals.entries !== part.entries || totals.files !== part.files || totals.bytes !== part.size) {
      throw damagedManifest(
        `it has ${totals.entries} entries, ${totals.files} files and ${totals.bytes} bytes in place of ${part.entries}, ${part.files} and ${part.size}`,
      );
    }
  }

  private requireOrder({ path, kind }: RestoredEntry): void {
    const isAbsent = kind === 'absent';
    const isFirst = this.totals.entries === 1;
    // What could not be kept may have the name of something that was.
    const isTwice = !isFirst && path === this.last && !isAbsent && !this.isLastAbsent;
    if (isTwice) throw damagedManifest(`${pathInWords(path)} is listed twice`);
    if (!isFirst && path < this.last) throw damagedManifest(`${pathInWords(path)} is out of order`);
    if (path === this.last && !isFirst) this.isLastAbsent &&= isAbsent;
    else this.isLastAbsent = isAbsent;
    this.last = path;
  }
}

function linkProblem(entry: RestoredEntry): string | null {
  if (entry.kind === 'symlink') return targetProblem(entry.target);
  if (entry.kind !== 'hardlink') return null;
  // A file’s first name comes first; that it is a file is looked at before it is linked.
  if (pathProblem(entry.target) !== null) return 'is a hardlink that leads out of the media folder';
  return entry.target < entry.path ? null : 'is a hardlink to what is not listed before it';
}
