/** What a member may be in a project; each may do what the ones before it may. */
export const roles = ['VIEWER', 'OPERATOR', 'ADMIN'] as const;
export type Role = (typeof roles)[number];

/** The least role that each deed in a project asks for. */
export const deeds = {
  see: 'VIEWER',
  createBackup: 'OPERATOR',
  cancelBackup: 'OPERATOR',
  retryBackup: 'OPERATOR',
  editNote: 'OPERATOR',
  recordDeployment: 'OPERATOR',
  restoreFrom: 'OPERATOR',
  restoreOnto: 'ADMIN',
  cancelRestore: 'ADMIN',
  retryRestore: 'ADMIN',
  undoRestore: 'ADMIN',
  prepareDownload: 'OPERATOR',
  cancelDownload: 'OPERATOR',
  retryDownload: 'OPERATOR',
  revokeDownload: 'OPERATOR',
  download: 'OPERATOR',
  createEnvironment: 'ADMIN',
  updateEnvironment: 'ADMIN',
  checkEnvironment: 'ADMIN',
  deleteEnvironment: 'ADMIN',
  setMember: 'ADMIN',
} as const satisfies Record<string, Role>;
export type Deed = keyof typeof deeds;

/** How a person stands to a project: their role there, if any, and whether they are support staff. */
export interface Standing {
  role: Role | null;
  isSupport: boolean;
}

/** Whether the project exists for this person at all. */
export function maySee(standing: Standing): boolean {
  return standing.isSupport || standing.role !== null;
}

/** Whether this person may do the deed. Support staff see everything and do nothing by that alone. */
export function mayDo(standing: Standing, deed: Deed): boolean {
  if (deed === 'see') return maySee(standing);
  return standing.role !== null && roles.indexOf(standing.role) >= roles.indexOf(deeds[deed]);
}
