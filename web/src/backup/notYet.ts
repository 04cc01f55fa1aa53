import { roles, type BackupAction, type JobStatus, type Role } from '#schema/domain';

/** What a later release brings, and the least role that it will ask for. */
const coming: Partial<Record<BackupAction, { role: Role; words: string }>> = {
  DOWNLOAD: { role: 'OPERATOR', words: 'Downloading comes with a later release.' },
};

/** Why an action that this release lacks is closed, in words; undefined where there is nothing to say. */
export function whyNotYet(
  action: BackupAction,
  backup: { can: readonly BackupAction[]; status: JobStatus; project: { viewerRole: Role | null } },
): string | undefined {
  const { status, can, project } = backup;
  const later = coming[action];
  if (!later || status !== 'SUCCEEDED' || can.includes(action) || project.viewerRole === null)
    return undefined;
  return roles.indexOf(project.viewerRole) >= roles.indexOf(later.role) ? later.words : undefined;
}
