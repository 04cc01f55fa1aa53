import { canRunAgain, type JobStatus } from './jobs.js';
import { mayDo, type Standing } from './roles.js';

/** What can be done with a backup, in the order in which it is offered. */
export const backupActions = [
  'RESTORE',
  'DOWNLOAD',
  'CANCEL',
  'RETRY',
  'EDIT_NOTE',
  'PIN',
  'UNPIN',
  'DELETE',
  'KEEP',
] as const;
export type BackupAction = (typeof backupActions)[number];

/** The facts that decide what is open. */
export interface BackupState {
  status: JobStatus;
  /** Of a failed backup: whether a retry can help. */
  retryable: boolean;
  /** Whether its environment still stands. */
  environmentDeleted: boolean;
}

/** What this person may do with this backup now: the web app offers exactly this, and mutations refuse the rest. */
export function openBackupActions(state: BackupState, standing: Standing): BackupAction[] {
  const open: BackupAction[] = [];
  if (state.status === 'SUCCEEDED' && mayDo(standing, 'restoreFrom')) open.push('RESTORE');
  if (state.status === 'SUCCEEDED' && mayDo(standing, 'prepareDownload')) open.push('DOWNLOAD');
  const active = state.status === 'QUEUED' || state.status === 'RUNNING';
  if (active && mayDo(standing, 'cancelBackup')) open.push('CANCEL');
  if (canRunAgain(state) && !state.environmentDeleted && mayDo(standing, 'retryBackup')) open.push('RETRY');
  if (mayDo(standing, 'editNote')) open.push('EDIT_NOTE');
  return open;
}
