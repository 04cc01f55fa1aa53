/** What can change in a project. */
export const projectEventKinds = [
  'JOB_CREATED',
  'JOB_STARTED',
  'JOB_PROGRESSED',
  'JOB_ENDED',
  'JOB_EDITED',
  'JOB_DELETED',
  'ENVIRONMENT_CHANGED',
  'LEGACY_CHANGED',
  'MEMBERS_CHANGED',
] as const;
export type ProjectEventKind = (typeof projectEventKinds)[number];

/** Kinds that a subscriber hears of only by naming them: clients of the first contract do not know them. */
export const kindsOnlyByName: readonly ProjectEventKind[] = ['MEMBERS_CHANGED'];

/** The PostgreSQL channel on which the catalogue announces changes. */
export const changeChannel = 'holdfast_changes';

/** The kinds of things that are jobs, as announcements call them. */
export type JobNoun = 'Backup' | 'Restore' | 'Download';

/** Whether what changed is a job. */
export function isJobNoun(noun: ProjectChange['noun']): noun is JobNoun {
  return noun === 'Backup' || noun === 'Restore' || noun === 'Download';
}

/** Something of a project changed. Of a Member, `id` is the person’s. */
export interface ProjectChange {
  noun: JobNoun | 'Environment' | 'Member';
  id: string;
  projectId: string;
  kind: ProjectEventKind;
}

/** A person’s sessions, tokens or platform role changed: what hangs on them is asked anew. */
export interface CredentialsChange {
  noun: 'User';
  id: string;
  projectId: null;
  kind: 'CREDENTIALS_CHANGED';
}

/** What the catalogue announces: ids only; listeners load the row. */
export type Change = ProjectChange | CredentialsChange;
