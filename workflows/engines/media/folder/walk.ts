import { accessSync, constants, lstatSync, readlinkSync, type BigIntStats } from 'node:fs';
import { StepProblem } from '../../stepProblem.js';
import { isReserved } from '../reservedNames.js';
import type { Walked } from '../source.js';
import { describe, factsOf } from './fileFacts.js';
import { entryIn, holdFolder, type HeldFolder } from './holdFolder.js';
import { namesIn } from './namesIn.js';
import { placeBelow } from './openInPlace.js';
import { readSmall, withFile } from './readFile.js';

/**
 * Walks a folder in the byte order of full paths and follows no link, also where a folder is swapped for one
 * meanwhile. A folder comes before what it holds, though not right before: `a`, `a-b`, `a/c`.
 */
export function* walk(root: string, settleMs: number): Generator<Walked> {
  const levels = [openTop(root)];
  try {
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      const name = level.names[level.next];
      const folder = level.folders.at(-1);
      if (folder !== undefined && (name === undefined || `${folder}/` < name)) {
        level.folders.pop();
        const path = `${level.prefix}${folder}`;
        const inner = openLevel(placeBelow(root, path), `${path}/`);
        if (inner) levels.push(inner);
        else yield { kind: 'lost', path };
      } else if (name === undefined) {
        levels.pop();
        level.held.close();
      } else {
        level.next += 1;
        const walked = look({
          root,
          settleMs,
          path: `${level.prefix}${name}`,
          seenAt: entryIn(level.held, name),
        });
        if (walked.kind === 'directory') level.folders.push(name);
        yield walked;
      }
    }
  } finally {
    for (const { held } of levels) held.close();
  }
}

/** A folder that is being walked. */
interface Level {
  held: HeldFolder;
  /** What its entries’ paths begin with. */
  prefix: string;
  names: string[];
  next: number;
  /** Folders that were told of and not entered yet: the last one’s content comes first. */
  folders: string[];
}

function openTop(root: string): Level {
  const top = openLevel(root, '');
  // What a restore has put there is no media.
  if (top) return { ...top, names: top.names.filter((name) => !isReserved(name)) };
  throw new StepProblem('MEDIA_NOT_FOUND', 'The media folder vanished, or was replaced, while it was read');
}

/** Null where the folder is gone or can no longer be read. */
function openLevel(folder: string | Buffer, prefix: string): Level | null {
  const held = holdFolder(folder);
  if ('cause' in held) return null;
  try {
    return { held, prefix, names: namesIn(held.path), next: 0, folders: [] };
  } catch (error: unknown) {
    held.close();
    describe(error);
    return null;
  }
}

interface Entry {
  root: string;
  path: string;
  /** Where it is as long as its folder is held. */
  seenAt: string | Buffer;
  settleMs: number;
}

function look({ root, path, seenAt, settleMs }: Entry): Walked {
  let stats: BigIntStats | null = null;
  try {
    stats = lstatSync(seenAt, { bigint: true });
    const facts = factsOf(stats, settleMs);
    if (stats.isFile()) {
      return {
        kind: 'file',
        path,
        facts,
        readSmall: (limit, take) => readSmall({ path: placeBelow(root, path), settleMs }, limit, take),
        withContent: (use) => withFile({ path: placeBelow(root, path), settleMs }, use),
      };
    }
    if (stats.isSymbolicLink())
      return { kind: 'symlink', path, facts, target: readlinkSync(seenAt, { encoding: 'latin1' }) };
    if (!stats.isDirectory()) {
      const problem = `${kindInWords(stats)}, which a backup cannot hold`;
      return { kind: 'problem', path, facts, type: 'file', cause: 'special', problem };
    }
    // By the path that it will be opened by, which may be too long for that.
    accessSync(placeBelow(root, path), constants.R_OK | constants.X_OK);
    return { kind: 'directory', path, facts };
  } catch (error: unknown) {
    const type = stats?.isDirectory() ? 'directory' : 'file';
    return { kind: 'problem', path, facts: stats && factsOf(stats, settleMs), type, ...describe(error) };
  }
}

function kindInWords(stats: BigIntStats): string {
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
