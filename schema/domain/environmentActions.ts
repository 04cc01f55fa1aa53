import { mayDo, type Standing } from './roles.js';

/** What can be done with an environment, in the order in which it is offered. */
export const environmentActions = [
  'CREATE_BACKUP',
  'RECORD_DEPLOYMENT',
  'UPDATE',
  'CHECK',
  'DELETE',
] as const;
export type EnvironmentAction = (typeof environmentActions)[number];

/** The facts that decide what is open. */
export interface EnvironmentState {
  deleted: boolean;
  /** Whether a database or media are configured: else there is nothing to back up. */
  hasContent: boolean;
}

/**
 * What this person may do with this environment: the web app offers exactly this, and mutations refuse the rest. DELETE
 * is offered while a job is under way, too: its refusal says to wait for the job.
 */
export function openEnvironmentActions(state: EnvironmentState, standing: Standing): EnvironmentAction[] {
  if (state.deleted) return [];
  const open: EnvironmentAction[] = [];
  if (state.hasContent && mayDo(standing, 'createBackup')) open.push('CREATE_BACKUP');
  if (mayDo(standing, 'recordDeployment')) open.push('RECORD_DEPLOYMENT');
  if (mayDo(standing, 'updateEnvironment')) open.push('UPDATE');
  if (mayDo(standing, 'checkEnvironment')) open.push('CHECK');
  if (mayDo(standing, 'deleteEnvironment')) open.push('DELETE');
  return open;
}
