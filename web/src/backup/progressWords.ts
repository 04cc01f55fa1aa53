import { bytesInWords, secondsInWords, type JobStatus } from '#schema/domain';
import { phaseInWords } from '../words.js';

/** What the API tells of a job's progress. */
export interface Progress {
  attempt: number;
  phase: string;
  fraction: number | null;
  doneBytes: number;
  totalBytes: number | null;
  bytesPerSecond: number | null;
  secondsLeft: number | null;
}

/** The step, the share, the bytes and the pace, each ready to be shown; empty where it cannot be told. */
export function progressInWords(status: JobStatus, progress: Progress) {
  const { doneBytes, totalBytes, bytesPerSecond, secondsLeft, fraction, attempt } = progress;
  return {
    step: phaseInWords(status === 'QUEUED' ? 'queued' : progress.phase),
    attempt: attempt > 1 ? `attempt ${attempt}` : '',
    percent: fraction === null ? '' : `${Math.floor(fraction * 100)} %`,
    bytes: bytesDone(doneBytes, totalBytes),
    rate: bytesPerSecond ? `${bytesInWords(bytesPerSecond)}/s` : '',
    left: secondsLeft === null ? '' : `${secondsInWords(secondsLeft)} left`,
  };
}

function bytesDone(done: number, total: number | null): string {
  if (total !== null && total > 0) return `${bytesInWords(Math.min(done, total))} of ${bytesInWords(total)}`;
  return done > 0 ? bytesInWords(done) : '';
}
