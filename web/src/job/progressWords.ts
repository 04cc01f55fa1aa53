import { bytesInWords, type JobStatus } from '#schema/domain';
import { phaseInWords, type JobType } from '../words.js';

/** What the API tells of a job's progress. */
export interface Progress {
  attempt: number;
  phase: string;
  fraction: number | null;
  doneBytes: number;
  totalBytes: number | null;
  bytesPerSecond: number | null;
}

/** The step, the share, the bytes and the rate, each ready to be shown; empty where it cannot be told. */
export function progressInWords(type: JobType, status: JobStatus, progress: Progress) {
  const { doneBytes, totalBytes, bytesPerSecond, fraction, attempt } = progress;
  return {
    step: phaseInWords(type, status === 'QUEUED' ? 'queued' : progress.phase),
    attempt: attempt > 1 ? `attempt ${attempt}` : '',
    percent: fraction === null ? '' : `${Math.floor(fraction * 100)} %`,
    bytes: bytesDone(doneBytes, totalBytes),
    rate: bytesPerSecond ? `${bytesInWords(bytesPerSecond)}/s` : '',
  };
}

function bytesDone(done: number, total: number | null): string {
  if (total !== null && total > 0) return `${bytesInWords(Math.min(done, total))} of ${bytesInWords(total)}`;
  return done > 0 ? bytesInWords(done) : '';
}
