import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { entryIn } from '../folder/holdFolder.js';
import { descriptors } from '../folder/openInPlace.js';

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

interface Level {
  /** With a slash at its end, but for the tree’s own folder. */
  prefix: string;
  descriptor: number;
  /** Entries lie below it. */
  path: string | Buffer;
}

/**
 * A folder tree that is reached by descriptors only, from its own folder down, one name after the other: no link is
 * followed, whatever somebody puts into the place of a folder meanwhile. Where descriptors have no paths (macOS), only
 * each name by itself is kept from being a link.
 */
export class HeldTree {
  private readonly levels: Level[];

  /** Holds the folder at an absolute path; its last name may be no link. */
  constructor(directory: string | Buffer) {
    this.levels = [hold('', directory)];
  }

  /** Where an entry is (its path with one character for each byte), until another one is asked for. */
  at(path: string): string | Buffer {
    const end = path.lastIndexOf('/') + 1;
    const level = this.enter(path.slice(0, end));
    return entryIn({ path: level.path, close: () => undefined }, path.slice(end));
  }

  /** The tree’s own folder. */
  get root(): number {
    return (this.levels[0] as Level).descriptor;
  }

  /** `device:inode` of the tree’s own folder. */
  get ino(): string {
    const { dev, ino } = fstatSync(this.root, { bigint: true });
    return `${dev}:${ino}`;
  }

  close(): void {
    for (const { descriptor } of this.levels.splice(0)) closeSync(descriptor);
  }

  private enter(prefix: string): Level {
    let level = this.levels.at(-1) as Level;
    while (!prefix.startsWith(level.prefix)) {
      this.levels.pop();
      closeSync(level.descriptor);
      level = this.levels.at(-1) as Level;
    }
    while (level.prefix.length < prefix.length) {
      const next = prefix.indexOf('/', level.prefix.length);
      const name = prefix.slice(level.prefix.length, next);
      const folder = entryIn({ path: level.path, close: () => undefined }, name);
      level = hold(prefix.slice(0, next + 1), folder);
      this.levels.push(level);
    }
    return level;
  }
}

function hold(prefix: string, folder: string | Buffer): Level {
  const descriptor = openSync(folder, folderFlags);
  return { prefix, descriptor, path: descriptors === null ? folder : `${descriptors}/${descriptor}` };
}
