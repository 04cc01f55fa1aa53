import type { JobStatus } from '#schema/domain';
import type { IconName } from '../ui/icons.js';

/** The shape of each state: told apart without colour. RUNNING has a ring that turns instead. */
export const statusIcons: Record<JobStatus, IconName | null> = {
  QUEUED: 'clock',
  RUNNING: null,
  SUCCEEDED: 'checkCircle',
  FAILED: 'failed',
  CANCELED: 'stop',
};
