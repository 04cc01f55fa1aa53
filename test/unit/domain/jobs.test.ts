import { describe, expect, it } from 'vitest';
import { hasEnded, jobMoves, jobStatuses, mayMove, type JobStatus } from '#schema/domain';

/** The whole table, written out: rows go from, columns go to, in the order of `jobStatuses`. */
const allowed: Record<JobStatus, string> = {
  QUEUED: /*   */ '. R . F C',
  RUNNING: /*  */ '. . S F C',
  SUCCEEDED: /**/ '. . . . .',
  FAILED: /*   */ '. R . . .',
  CANCELED: /* */ '. R . . .',
};

describe('the moves of a job', () => {
  const cells = jobStatuses.flatMap((from) =>
    jobStatuses.map((to, column) => ({ from, to, may: allowed[from].split(' ')[column] !== '.' })),
  );

  it('have a cell for every pair of states', () => {
    expect(cells).toHaveLength(25);
    expect(Object.keys(jobMoves)).toEqual([...jobStatuses]);
  });

  it.each(cells)('from $from to $to: $may', ({ from, to, may }) => {
    expect(mayMove(from, to)).toBe(may);
  });

  it('never lead out of what has succeeded', () => {
    expect(jobStatuses.filter((to) => mayMove('SUCCEEDED', to))).toEqual([]);
  });

  it('reach success only by running', () => {
    expect(jobStatuses.filter((from) => mayMove(from, 'SUCCEEDED'))).toEqual(['RUNNING']);
  });

  it('never put a job back into the queue', () => {
    expect(jobStatuses.filter((from) => mayMove(from, 'QUEUED'))).toEqual([]);
  });

  it('never stay where they are', () => {
    expect(jobStatuses.filter((status) => mayMove(status, status))).toEqual([]);
  });
});

describe('a job that has ended', () => {
  it.each([
    ['QUEUED', false],
    ['RUNNING', false],
    ['SUCCEEDED', true],
    ['FAILED', true],
    ['CANCELED', true],
  ] as const)('is not one that waits or works: %s %s', (status, ended) => {
    expect(hasEnded(status)).toBe(ended);
  });
});
