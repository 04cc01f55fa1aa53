import { deeds, mayDo, refusals, type Deed, type Refusal, type Standing } from '#schema/domain';
import type { Context } from '../graph/context.js';
import { Refused } from '../graph/payload.js';

const inWords: Record<Deed, string> = {
  see: 'see anything',
  createBackup: 'create backups',
  cancelBackup: 'cancel backups',
  retryBackup: 'retry backups',
  editNote: 'edit notes',
  recordDeployment: 'record deployments',
  restoreFrom: 'restore backups',
  restoreOnto: 'overwrite environments',
  cancelRestore: 'cancel restores',
  retryRestore: 'retry restores',
  undoRestore: 'undo restores',
  prepareDownload: 'prepare downloads',
  cancelDownload: 'cancel downloads',
  retryDownload: 'retry downloads',
  revokeDownload: 'revoke downloads',
  download: 'download',
  createEnvironment: 'add environments',
  updateEnvironment: 'change environments',
  checkEnvironment: 'check environments',
  deleteEnvironment: 'delete environments',
  setMember: 'change members',
};

/** Ends the mutation with FORBIDDEN unless the viewer’s role in the project allows the deed. */
export async function refuseUnless(context: Context, projectId: string, deed: Deed): Promise<void> {
  refuseStanding(await context.access.standing(projectId), deed);
}

/** The same for a standing that was asked for already, e.g. under a lock. */
export function refuseStanding(standing: Standing, deed: Deed): void {
  if (!mayDo(standing, deed)) throw new Refused(forbidden(deed));
}

/** How the deed is refused to whoever may not do it. */
export function forbidden(deed: Deed): Refusal {
  return refusals.forbidden(inWords[deed], deeds[deed]);
}
