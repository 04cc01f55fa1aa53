import { readdirSync, realpathSync, statSync, type BigIntStats } from 'node:fs';
import { StepProblem } from '../../stepProblem.js';
import { systemCode } from '../../systemCode.js';

/** A media folder that is there and can be read. */
export interface MediaRoot {
  /** Absolute, links resolved. */
  path: string;
  /** Tells it from another folder that came into its place. */
  identity: string;
}

/** Resolves the media folder once; throws MEDIA_NOT_FOUND or MEDIA_UNREADABLE where there is nothing to walk. */
export function openRoot(directory: string): MediaRoot {
  try {
    const path = realpathSync(directory);
    const stats = statSync(path, { bigint: true });
    if (!stats.isDirectory())
      throw new StepProblem('MEDIA_NOT_FOUND', `The media folder “${shortened(directory)}” is not a folder`);
    readdirSync(path);
    return { path, identity: identityOf(stats) };
  } catch (error: unknown) {
    throw rootProblem(directory, error);
  }
}

/** Throws where the folder that was opened is no longer the one in its place: then nothing that was missed can be told. */
export function requireSameRoot(directory: string, root: MediaRoot): void {
  if (openRoot(directory).identity !== root.identity) {
    throw new StepProblem(
      'MEDIA_NOT_FOUND',
      `The media folder “${shortened(directory)}” was replaced while it was read`,
    );
  }
}

function rootProblem(directory: string, error: unknown): unknown {
  const code = systemCode(error);
  if (error instanceof StepProblem || code === null) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new StepProblem('MEDIA_NOT_FOUND', `The media folder “${shortened(directory)}” does not exist`, {
      cause: error,
    });
  }
  return new StepProblem(
    'MEDIA_UNREADABLE',
    `The media folder “${shortened(directory)}” cannot be read (${code})`,
    {
      cause: error,
    },
  );
}

const longest = 200;

/** The end of a path tells more than its beginning. */
const shortened = (path: string) => (path.length > longest ? `…${path.slice(-longest)}` : path);

const identityOf = ({ dev, ino }: BigIntStats) => `${dev}:${ino}`;
