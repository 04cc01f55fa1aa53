import type { BackupAction, JobStatus, Role } from '#schema/domain';

/** What the words beside a closed action are made from. */
export interface ActionFacts {
  can: readonly BackupAction[];
  status: JobStatus;
  failure: { retryable: boolean } | null;
  project: { viewerRole: Role | null };
  environment: { deletedAt: string | null };
}

const notYet = 'Not available in this release.';

/** Why an action is closed, in words; undefined where it is open. Whether it is open, the API alone decides. */
export function whyClosed(action: BackupAction, backup: ActionFacts): string | undefined {
  if (backup.can.includes(action)) return undefined;
  switch (action) {
    case 'RESTORE':
      return whole(backup, 'restore') ?? `${notYet} Restoring will be here.`;
    case 'DOWNLOAD':
      return whole(backup, 'download') ?? notYet;
    case 'CANCEL':
      return underWay(backup) ? role(backup, 'cancel a backup') : 'Only a backup under way can be cancelled.';
    case 'RETRY':
      return whyNoRetry(backup);
    case 'EDIT_NOTE':
      return role(backup, 'change notes');
    case 'PIN':
    case 'UNPIN':
    case 'DELETE':
    case 'KEEP':
      return notYet;
    default:
      return never(action);
  }
}

function underWay({ status }: ActionFacts): boolean {
  return status === 'QUEUED' || status === 'RUNNING';
}

function whole(backup: ActionFacts, deed: string): string | undefined {
  if (backup.status === 'SUCCEEDED') return undefined;
  return underWay(backup)
    ? `You can ${deed} it once the backup has succeeded.`
    : `There is nothing to ${deed}: this backup did not succeed.`;
}

function whyNoRetry(backup: ActionFacts): string {
  if (backup.status !== 'FAILED' && backup.status !== 'CANCELED') {
    return 'Only a failed or cancelled backup can be retried.';
  }
  if (backup.environment.deletedAt) return 'Its environment was deleted.';
  if (backup.failure && !backup.failure.retryable)
    return 'A retry cannot help: the failure says what to do instead.';
  return role(backup, 'retry a backup');
}

function role({ project }: ActionFacts, deed: string): string {
  return project.viewerRole === null
    ? `Support staff may look, but not ${deed}.`
    : `Your role here may not ${deed}: ask an administrator of the project.`;
}

function never(action: never): string {
  throw new Error(`No words for ${String(action)}`);
}
