import { accessSync, constants, lstatSync, readlinkSync, type BigIntStats } from 'node:fs';
import { pathBelow } from '../bytePath.js';
import type { Walked } from '../source.js';
import { describe, factsOf } from './fileFacts.js';
import { namesIn } from './namesIn.js';
import { readSmall, withFile } from './readFile.js';

/**
 * Walks a folder in the byte order of full paths and follows no link. A folder comes before what it holds, though
 * not right before: `a`, `a-b`, `a/c`.
 */
export function* walk(root: string): Generator<Walked> {
  const levels: Level[] = [{ prefix: '', names: namesIn(root), next: 0, folders: [] }];
  for (let level = levels.at(-1); level; level = levels.at(-1)) {
    const name = level.names[level.next];
    const folder = level.folders.at(-1);
    if (folder !== undefined && (name === undefined || `${folder}/` < name)) {
      level.folders.pop();
      const path = `${level.prefix}${folder}`;
      const names = contentOf(pathBelow(root, path));
      if (names) levels.push({ prefix: `${path}/`, names, next: 0, folders: [] });
      else yield { kind: 'lost', path };
    } else if (name === undefined) {
      levels.pop();
    } else {
      level.next += 1;
      const path = `${level.prefix}${name}`;
      const walked = look(pathBelow(root, path), path);
      if (walked.kind === 'directory') level.folders.push(name);
      yield walked;
    }
  }
}

/** A folder that is being walked. */
interface Level {
  /** What its entries’ paths begin with. */
  prefix: string;
  names: string[];
  next: number;
  /** Folders that were told of and not entered yet: the last one’s content comes first. */
  folders: string[];
}

/** Null where the folder is gone or can no longer be read. */
function contentOf(folder: string | Buffer): string[] | null {
  try {
    return namesIn(folder);
  } catch {
    return null;
  }
}

function look(absolute: string | Buffer, path: string): Walked {
  let stats: BigIntStats | null = null;
  try {
    stats = lstatSync(absolute, { bigint: true });
    const facts = factsOf(stats);
    if (stats.isFile()) {
      return {
        kind: 'file',
        path,
        facts,
        readSmall: (limit, take) => readSmall(absolute, limit, take),
        withContent: (use) => withFile(absolute, use),
      };
    }
    if (stats.isSymbolicLink())
      return { kind: 'symlink', path, facts, target: readlinkSync(absolute, { encoding: 'latin1' }) };
    if (!stats.isDirectory()) {
      const problem = `${kindInWords(stats)}, which a backup cannot hold`;
      return { kind: 'problem', path, facts, type: 'file', cause: 'special', problem };
    }
    accessSync(absolute, constants.R_OK | constants.X_OK);
    return { kind: 'directory', path, facts };
  } catch (error: unknown) {
    const type = stats?.isDirectory() ? 'directory' : 'file';
    return { kind: 'problem', path, facts: stats && factsOf(stats), type, ...describe(error) };
  }
}

function kindInWords(stats: BigIntStats): string {
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
