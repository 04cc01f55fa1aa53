import { describe, expect, it } from 'vitest';
import type { JobStatus } from '#schema/domain';
import { missedKinds } from '../../../server/live/missedKinds.js';

const since = new Date('2026-11-22T12:00:00Z');
const before = new Date('2026-11-22T11:00:00Z');
const after = new Date('2026-11-22T12:00:01Z');

const job = (status: JobStatus, createdAt: Date, startedAt: Date | null, finishedAt: Date | null) => ({
  status,
  createdAt,
  startedAt,
  finishedAt,
});

describe('what of a job may have been missed', () => {
  it.each([
    ['its whole life', job('SUCCEEDED', after, after, after), ['JOB_CREATED', 'JOB_STARTED', 'JOB_ENDED']],
    ['that it came', job('QUEUED', after, null, null), ['JOB_CREATED']],
    [
      'that it came and began',
      job('RUNNING', after, after, null),
      ['JOB_CREATED', 'JOB_STARTED', 'JOB_PROGRESSED'],
    ],
    ['how far it is', job('RUNNING', before, before, null), ['JOB_PROGRESSED']],
    ['that it began anew', job('RUNNING', before, after, null), ['JOB_STARTED', 'JOB_PROGRESSED']],
    ['its end', job('FAILED', before, before, after), ['JOB_ENDED']],
    ['its end before it began', job('CANCELED', before, null, after), ['JOB_ENDED']],
    ['an edit after its end', job('SUCCEEDED', before, before, before), ['JOB_EDITED']],
    ['a wish to cancel before it began', job('QUEUED', before, null, null), ['JOB_EDITED']],
  ])('%s', (_what, missed, kinds) => {
    expect(missedKinds(missed, since)).toEqual(kinds);
  });
});
