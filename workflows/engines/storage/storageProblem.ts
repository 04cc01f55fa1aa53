import { statfs } from 'node:fs/promises';
import { bytesInWords } from '#schema/domain';
import { StepProblem } from '../stepProblem.js';
import { systemCode } from '../systemCode.js';

/** Puts what a file system said into a `StepProblem`; what is no such error is handed back as it is. */
export async function storageProblem(root: string, error: unknown): Promise<unknown> {
  if (error instanceof StepProblem) return error;
  const code = systemCode(error);
  switch (code) {
    case null:
      return error;
    case 'ENOSPC':
    case 'EDQUOT':
      return new StepProblem('STORAGE_FULL', await fullInWords(root, code), { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StepProblem(
        'STORAGE_AUTHENTICATION',
        `The backup storage does not let Holdfast read or write (${code})`,
        {
          cause: error,
        },
      );
    default:
      return new StepProblem('STORAGE_UNREACHABLE', `The backup storage could not be reached (${code})`, {
        cause: error,
      });
  }
}

async function fullInWords(root: string, code: string): Promise<string> {
  if (code === 'EDQUOT') return 'The quota of the backup storage is used up';
  try {
    const { bavail, blocks, bsize } = await statfs(root);
    return `The backup storage is full: ${bytesInWords(bavail * bsize)} of ${bytesInWords(blocks * bsize)} are free`;
  } catch {
    return 'The backup storage is full';
  }
}
