import { statfsSync } from 'node:fs';
import { bytesInWords } from '#schema/domain';
import { StepProblem } from '../../stepProblem.js';
import { systemCode } from '../../systemCode.js';

/** What a person can do about what the file system of a destination says. */
const remedies: Record<string, string> = {
  ENOENT:
    'Create the folder that the media folder lies in, or correct the media folder in the environment’s settings, then retry.',
  EACCES: 'Let the worker’s user write to the media folder and to the folder it lies in, then retry.',
  EPERM: 'Let the worker’s user write to the media folder and to the folder it lies in, then retry.',
  EROFS: 'Mount the disk of the media folder so that it may be written to, then retry.',
  EXDEV: 'Let the environment keep its media folder (keepMediaFolder), then retry.',
  EBUSY: 'Let the environment keep its media folder (keepMediaFolder), then retry.',
  EEXIST:
    'Look whether the disk of the media folder tells upper from lower case, and who else writes there, then retry.',
  ENAMETOOLONG: 'Give the media folder a shorter path, then retry.',
};

/** Puts what the destination’s file system said into a `StepProblem`; what is no such error is handed back as it is. */
export function destinationProblem(error: unknown, folder: string): unknown {
  if (error instanceof StepProblem) return error;
  const code = systemCode(error);
  if (code === null || !/^E[A-Z0-9]+$/.test(code)) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StepProblem('DESTINATION_FULL', fullInWords(folder, code), { cause: error });
  }
  const remedy = remedies[code];
  return new StepProblem(
    'MEDIA_RESTORE_FAILED',
    `The media folder could not be written (${wordsOf(error, code)})`,
    {
      cause: error,
      ...(remedy !== undefined && { remedy }),
    },
  );
}

function wordsOf(error: unknown, code: string): string {
  const { syscall, path } = error as { syscall?: unknown; path?: unknown };
  // What is reached by a descriptor has no name that says anything.
  const name = typeof path === 'string' && !path.startsWith('/proc/') ? ` ${path.slice(-200)}` : '';
  return `${code}${typeof syscall === 'string' ? `, ${syscall}${name}` : ''}`;
}

function fullInWords(folder: string, code: string): string {
  if (code === 'EDQUOT') return 'The quota at the media folder is used up';
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return `The disk of the media folder is full: ${bytesInWords(bavail * bsize)} of ${bytesInWords(blocks * bsize)} are free`;
  } catch {
    return 'The disk of the media folder is full';
  }
}
