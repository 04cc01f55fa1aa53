import type { DownloadAction, JobStatus } from '#schema/domain';

/** How a download stands, as people see it: a job first, then files that are there until they end. */
export const lives = ['WAITING', 'PREPARING', 'READY', 'EXPIRED', 'REVOKED', 'FAILED', 'CANCELED'] as const;
export type Life = (typeof lives)[number];

/** The facts that decide it, as the API gives them. */
export interface LifeFacts {
  status: JobStatus;
  expiresAt: string | null;
  revokedAt: string | null;
}

const before = {
  QUEUED: 'WAITING',
  RUNNING: 'PREPARING',
  FAILED: 'FAILED',
  CANCELED: 'CANCELED',
} as const;

/** How a download stands at an instant, in milliseconds since 1970. */
export function lifeOf({ status, expiresAt, revokedAt }: LifeFacts, nowMs: number): Life {
  if (status !== 'SUCCEEDED') return before[status];
  if (revokedAt) return 'REVOKED';
  return expiresAt !== null && nowMs < Date.parse(expiresAt) ? 'READY' : 'EXPIRED';
}

/** What is still open of what the API offered: with the files, having them and revoking them ends. */
export function stillOffered(offered: readonly DownloadAction[], life: Life): DownloadAction[] {
  return offered.filter((each) => (each !== 'DOWNLOAD' && each !== 'REVOKE') || life === 'READY');
}
