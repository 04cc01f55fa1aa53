import { isUtf8 } from 'node:buffer';

/** An object as its bucket lists it. */
export interface Listed {
  /** Bytes of its key behind the prefix, one character for each: compared, they stand in the order of bytes. */
  path: string;
  /** Bytes. */
  size: number;
  etag: string | null;
  /** Milliseconds since 1970. */
  mtimeMs: number;
}

/** What becomes of a bucket’s objects in a tree of folders. Paths as in `Listed`. */
export type Planned =
  | { kind: 'file'; listed: Listed }
  /** `mtimeMs` null where no object tells of it by itself. */
  | { kind: 'directory'; path: string; mtimeMs: number | null }
  /** It cannot be in such a tree: why not, as the end of a sentence that begins with it. */
  | { kind: 'problem'; path: string; mtimeMs: number; problem: string };

interface Folder {
  mtimeMs: number | null;
  /** Whether there is a file somewhere below it. */
  holdsFiles: boolean;
}

/**
 * Makes a tree of folders out of a bucket’s keys: first `note` every object, then `plan` them, both in the order of
 * their paths. A key that ends in `/` and is empty is a folder; so is what stands before a `/` of another key.
 */
export class FolderTree {
  private readonly folders = new Map<string, Folder>();

  note({ path, size, mtimeMs }: Listed): void {
    if (misfit(path, size)) return;
    if (!isMarker(path)) return this.noteAbove(path, true);
    const own = path.slice(0, -1);
    if (own === '') return;
    const holdsFiles = this.folders.get(own)?.holdsFiles ?? false;
    this.folders.set(own, { mtimeMs, holdsFiles });
    this.noteAbove(own, false);
  }

  /** Every entry, in the order of paths. */
  *plan(objects: Iterable<Listed>): Generator<Planned> {
    const folders = [...this.folders.keys()].sort();
    /** Files whose name empty folders have as well: the file stays. */
    const files = new Set<string>();
    let next = 0;
    let before: string | null = null;
    for (const listed of objects) {
      const { path, size, mtimeMs } = listed;
      if (path === before) continue;
      before = path;
      const problem = misfit(path, size);
      const isFile = !problem && !isMarker(path);
      for (
        let folder = folders[next];
        folder !== undefined && folder <= path;
        folder = folders[(next += 1)]
      ) {
        const { holdsFiles = false, mtimeMs: at = null } = this.folders.get(folder) ?? {};
        if (isFile && folder === path && !holdsFiles) files.add(path);
        else if (holdsFiles || !isBelow(folder, files))
          yield { kind: 'directory', path: folder, mtimeMs: at };
      }
      if (problem) yield { kind: 'problem', path, mtimeMs, problem };
      else if (isFile && this.folders.get(path)?.holdsFiles) {
        yield { kind: 'problem', path, mtimeMs, problem: 'is the name of a folder as well' };
      } else if (isFile) yield { kind: 'file', listed };
      else if (isBelow(path, files)) {
        yield { kind: 'problem', path, mtimeMs, problem: 'is a folder in place of which there is a file' };
      }
    }
    for (const folder of folders.slice(next)) {
      if (isBelow(folder, files)) continue;
      yield { kind: 'directory', path: folder, mtimeMs: this.folders.get(folder)?.mtimeMs ?? null };
    }
  }

  private noteAbove(path: string, holdsFiles: boolean): void {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const above = path.slice(0, end);
      const known = this.folders.get(above);
      // Whatever stands above it is known then, too.
      if (known && (known.holdsFiles || !holdsFiles)) return;
      this.folders.set(above, { mtimeMs: known?.mtimeMs ?? null, holdsFiles });
    }
  }
}

/** A key that only says that there is a folder; the empty one means the prefix itself. */
function isMarker(path: string): boolean {
  return path === '' || path.endsWith('/');
}

/** Why a key can be neither a file nor a folder; null where it can. */
export function misfit(path: string, size: number): string | null {
  if (isMarker(path) && size > 0) return 'ends in “/” although it has content';
  const names = (path.endsWith('/') ? path.slice(0, -1) : path).split('/');
  if (path !== '' && names.includes('')) return 'has an empty name between its slashes';
  if (names.includes('.') || names.includes('..')) return 'has “.” or “..” as a name';
  if (path.includes('\0')) return 'has a zero byte in its name';
  return isUtf8(Buffer.from(path, 'latin1'))
    ? null
    : 'has a name that is not UTF-8, so S3 cannot be asked for it';
}

/** Whether one of the files stands at this path or above it. */
function isBelow(path: string, files: ReadonlySet<string>): boolean {
  if (files.size === 0) return false;
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    if (files.has(path.slice(0, end))) return true;
  }
  return false;
}
