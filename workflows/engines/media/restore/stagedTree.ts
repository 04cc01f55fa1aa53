import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { bytesOf } from '../bytePath.js';
import { HeldTree } from './heldTree.js';
import { damagedManifest } from './manifestRules.js';
import { pathInWords } from './pathRules.js';
import type { EntryTime, RestoredEntry } from './restoredEntry.js';
import type { Repeating, StagingFile, StagingTree } from './stagingTree.js';
import type { WantedFile } from './wantedFiles.js';

/** Whose the entries are, by number. */
export interface Owner {
  uid: number;
  gid: number;
}

const newFile = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const zeros = Buffer.alloc(256 * 1024);
const copyBytes = 256 * 1024;

/**
 * A new folder that is filled and that nobody else can enter meanwhile. Nothing in it is ever overwritten or followed:
 * what is there already is an error.
 */
export class StagedTree implements StagingTree {
  private readonly tree: HeldTree;
  /** Where hardlinks’ first names are, while their other names are made. */
  private readonly others: HeldTree;
  private readonly rights = new FileRights();

  /** `directory` is absolute; it has a parent and is not there itself. */
  constructor(
    directory: string,
    private readonly owner: Owner | null,
  ) {
    mkdirSync(directory, 0o700);
    // Whatever umask there is.
    chmodSync(directory, 0o700);
    this.tree = new HeldTree(directory);
    this.others = new HeldTree(directory);
  }

  /** `device:inode` */
  get ino(): string {
    return this.tree.ino;
  }

  /** Makes a folder, for this user alone until it is finished. */
  makeFolder(path: string): void {
    mkdirSync(this.tree.at(path), 0o700);
  }

  /** Makes a link with this text, wherever it leads. */
  makeSymlink({ path, target, time }: Extract<RestoredEntry, { kind: 'symlink' | 'hardlink' }>): void {
    const at = this.tree.at(path);
    symlinkSync(bytesOf(target), at);
    if (this.owner) lchownSync(at, this.owner.uid, this.owner.gid);
    const seconds = forNode(time);
    lutimesSync(at, seconds, seconds);
  }

  /** Gives a file a further name. */
  makeHardlink(path: string, target: string): void {
    const first = this.others.at(target);
    if (!lstatSync(first, { throwIfNoEntry: false })?.isFile()) {
      throw damagedManifest(`${pathInWords(path)} is a hardlink to what is no file of the backup`);
    }
    linkSync(first, this.tree.at(path));
  }

  /** Writes a file whose content is in memory. */
  write(file: WantedFile, content: Buffer): void {
    const written = this.begin(file);
    try {
      written.write(content);
      written.finish();
    } finally {
      written.close();
    }
  }

  /** Begins a file that comes piece by piece; close it when done. */
  begin(file: WantedFile): StagedFile {
    const descriptor = openSync(this.tree.at(file.path), newFile, file.mode & 0o777);
    const to = { owner: this.owner, rights: this.rights };
    return new StagedFile(descriptor, file, to, (other) => this.begin(other));
  }

  /** Gives a folder its rights and its time, once nothing is made in it any more. */
  finishFolder({ path, mode, time }: Pick<RestoredEntry, 'path' | 'mode' | 'time'>): void {
    const folder = openSync(
      this.tree.at(path),
      constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
    );
    try {
      if (this.owner) fchownSync(folder, this.owner.uid, this.owner.gid);
      fchmodSync(folder, mode & 0o3777);
      const seconds = forNode(time);
      futimesSync(folder, seconds, seconds);
    } finally {
      closeSync(folder);
    }
  }

  /** Lets others in: the last thing to be done. */
  finish(mode: number): void {
    const { root } = this.tree;
    if (this.owner) fchownSync(root, this.owner.uid, this.owner.gid);
    fchmodSync(root, mode & 0o3777);
    fsyncSync(root);
  }

  close(): void {
    this.tree.close();
    this.others.close();
  }
}

/**
 * Gives new files their rights where opening them with these was not enough. What takes some away (a umask, a folder’s
 * ACL that its new folders inherit) is the same in all of a new tree: one file of each kind is looked at.
 */
class FileRights {
  /** By permission bits: whether files that are opened with these have them. */
  private readonly isGiven = new Map<number, boolean>();

  give(descriptor: number, mode: number): void {
    let isGiven = this.isGiven.get(mode);
    if (isGiven === undefined) {
      isGiven = (fstatSync(descriptor).mode & 0o7777) === mode;
      this.isGiven.set(mode, isGiven);
    }
    if (!isGiven) fchmodSync(descriptor, mode);
  }
}

/** A file that is being written. */
export class StagedFile implements StagingFile {
  private position = 0;
  private isSparse = false;

  constructor(
    private readonly descriptor: number,
    private readonly file: WantedFile,
    private readonly to: { owner: Owner | null; rights: FileRights },
    private readonly begin: (file: WantedFile) => StagedFile,
  ) {}

  /** Writes the next piece. */
  write(piece: Buffer): void {
    for (let from = 0; from < piece.length;) {
      from += writeSync(this.descriptor, piece, from, piece.length - from, this.position + from);
    }
    this.position += piece.length;
  }

  /** The same, but zeros take no room on the disk. */
  writeSparse(piece: Buffer): void {
    const isZero = piece.length <= zeros.length && piece.equals(zeros.subarray(0, piece.length));
    if (!isZero) return this.write(piece);
    this.position += piece.length;
    this.isSparse = true;
  }

  /** Writes what it holds to another file. */
  async repeat(file: WantedFile, { signal, onBytes }: Repeating): Promise<void> {
    const copy = this.begin(file);
    try {
      for (const piece of this.pieces()) {
        copy.writeSparse(piece);
        onBytes(piece.length);
        await setImmediate();
        signal.throwIfAborted();
      }
      copy.finish();
    } finally {
      copy.close();
    }
  }

  /** What has been written so far, piece by piece; each is good until the next. */
  private *pieces(): Generator<Buffer> {
    const piece = Buffer.allocUnsafeSlow(copyBytes);
    for (let position = 0; position < this.position;) {
      const length = readSync(this.descriptor, piece, 0, copyBytes, position);
      if (length === 0) return;
      yield piece.subarray(0, length);
      position += length;
    }
  }

  /** Gives it its length, rights and time. Bits that lend its owner’s rights to whoever runs it are not given. */
  finish(): void {
    const { descriptor, file } = this;
    const { owner, rights } = this.to;
    if (this.isSparse) ftruncateSync(descriptor, this.position);
    if (owner) fchownSync(descriptor, owner.uid, owner.gid);
    rights.give(descriptor, file.mode & 0o777);
    const seconds = forNode(file.time);
    futimesSync(descriptor, seconds, seconds);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Node passes whole microseconds on, cut off: half of one keeps rounding from losing another. */
function forNode({ seconds, nanoseconds }: EntryTime): number {
  return seconds + (Math.floor(nanoseconds / 1000) + 0.5) / 1_000_000;
}
