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
] as const;
export type ProjectEventKind = (typeof projectEventKinds)[number];

/** The PostgreSQL channel on which the catalogue announces changes. */
export const changeChannel = 'holdfast_changes';

/** What the catalogue announces: ids only; listeners load the row. */
export interface Change {
  noun: 'Backup' | 'Environment';
  id: string;
  projectId: string;
  kind: ProjectEventKind;
}
