import type { Content } from './content.js';
import { canRunAgain, type JobStatus } from './jobs.js';
import { mayDo, type Standing } from './roles.js';

/** What can be done with a download, in the order in which it is offered. */
export const downloadActions = ['DOWNLOAD', 'CANCEL', 'RETRY', 'REVOKE', 'REISSUE'] as const;
export type DownloadAction = (typeof downloadActions)[number];

/**
 * Where the mail to one person stands. `UNCERTAIN`: it was handed over whole, but the mail server’s answer never came;
 * it is not sent again by itself, because it has most likely arrived.
 */
export const mailStates = ['PENDING', 'SENT', 'UNCERTAIN', 'FAILED'] as const;
export type MailState = (typeof mailStates)[number];

/** How long prepared files stay, in hours, where nothing else is set. */
export const downloadHours = 168;
/** For how many minutes an address that the API hands out works without a sign-in. */
export const fileLinkMinutes = 15;

/** The facts that decide whether its files may be had. */
export interface DownloadLife {
  status: JobStatus;
  /** Milliseconds since 1970; null until it has succeeded. */
  expiresAtMs: number | null;
  revoked: boolean;
}

/** Whether its files are there to be had. */
export function isAlive({ status, expiresAtMs, revoked }: DownloadLife, nowMs: number): boolean {
  return status === 'SUCCEEDED' && !revoked && expiresAtMs !== null && nowMs < expiresAtMs;
}

/** The facts that decide what is open. */
export interface DownloadState extends DownloadLife {
  /** Of a failed download: whether a retry can help. */
  retryable: boolean;
  /** Whether the backup is still there, so that it can be made anew. */
  sourceThere: boolean;
}

/** What this person may do with this download now: the web app offers exactly this, and mutations refuse the rest. */
export function openDownloadActions(
  state: DownloadState,
  standing: Standing,
  nowMs: number,
): DownloadAction[] {
  const open: DownloadAction[] = [];
  const alive = isAlive(state, nowMs);
  const active = state.status === 'QUEUED' || state.status === 'RUNNING';
  if (alive && mayDo(standing, 'download')) open.push('DOWNLOAD');
  if (active && mayDo(standing, 'cancelDownload')) open.push('CANCEL');
  if (canRunAgain(state) && state.sourceThere && mayDo(standing, 'retryDownload')) open.push('RETRY');
  if (alive && mayDo(standing, 'revokeDownload')) open.push('REVOKE');
  const ended = state.status === 'SUCCEEDED' && !alive;
  if (ended && state.sourceThere && mayDo(standing, 'prepareDownload')) open.push('REISSUE');
  return open;
}

const endings: Record<Content, string> = { DATABASE: '.dump', MEDIA: '.media.tar' };

/**
 * What a download’s file is called: of one environment they sort by time, e.g. `shop-live-20261122T220253Z.dump`.
 * Slugs hold nothing that a file system or a header minds.
 */
export function downloadFileName(
  content: Content,
  slugs: { project: string; environment: string },
  takenAt: Date,
): string {
  const time = takenAt.toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '');
  return `${slugs.project}-${slugs.environment}-${time}${endings[content]}`;
}

/** Where a file of a download is asked for: stable, and of no use to whoever may not have it. */
export function filePath(downloadId: string, name: string): string {
  return `/files/${downloadId}/${encodeURIComponent(name)}`;
}
