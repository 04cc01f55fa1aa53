import { describe, expect, it } from 'vitest';
import {
  backupActions,
  jobStatuses,
  openBackupActions,
  type BackupAction,
  type JobStatus,
  type Role,
} from '#schema/domain';

const operator = { role: 'OPERATOR', isSupport: false } as const;
const standing = { retryable: true, environmentDeleted: false };

/** What an operator finds, written out: [retryable, not retryable], the environment stands. */
const offered: Record<JobStatus, [BackupAction[], BackupAction[]]> = {
  QUEUED: [
    ['CANCEL', 'EDIT_NOTE'],
    ['CANCEL', 'EDIT_NOTE'],
  ],
  RUNNING: [
    ['CANCEL', 'EDIT_NOTE'],
    ['CANCEL', 'EDIT_NOTE'],
  ],
  SUCCEEDED: [
    ['RESTORE', 'DOWNLOAD', 'EDIT_NOTE'],
    ['RESTORE', 'DOWNLOAD', 'EDIT_NOTE'],
  ],
  FAILED: [['RETRY', 'EDIT_NOTE'], ['EDIT_NOTE']],
  CANCELED: [
    ['RETRY', 'EDIT_NOTE'],
    ['RETRY', 'EDIT_NOTE'],
  ],
};

const everyRole: (Role | null)[] = [null, 'VIEWER', 'OPERATOR', 'ADMIN'];
const both = [false, true];
const cells = jobStatuses.flatMap((status) =>
  everyRole.flatMap((role) =>
    both.flatMap((isSupport) =>
      both.flatMap((retryable) =>
        both.map((environmentDeleted) => ({ status, role, isSupport, retryable, environmentDeleted })),
      ),
    ),
  ),
);

describe('what is offered for a backup', () => {
  it('is laid down for every case', () => {
    expect(cells).toHaveLength(5 * 4 * 2 * 2 * 2);
  });

  it.each(cells)(
    '$status as $role, support $isSupport, retryable $retryable, environment deleted $environmentDeleted',
    ({ status, role, isSupport, retryable, environmentDeleted }) => {
      const open = openBackupActions({ status, retryable, environmentDeleted }, { role, isSupport });
      const ofOperators = offered[status][retryable ? 0 : 1];
      const expected = role === 'OPERATOR' || role === 'ADMIN' ? ofOperators : [];
      expect(open).toEqual(environmentDeleted ? expected.filter((action) => action !== 'RETRY') : expected);
    },
  );

  it.each(cells)('comes in one order, nothing twice ($status, $role)', (cell) => {
    const open = openBackupActions(cell, cell);
    expect(open).toEqual(backupActions.filter((action) => open.includes(action)));
  });

  it('is a cancel while it waits or runs, and never afterwards', () => {
    const cancellable = jobStatuses.filter((status) =>
      openBackupActions({ ...standing, status }, operator).includes('CANCEL'),
    );
    expect(cancellable).toEqual(['QUEUED', 'RUNNING']);
  });

  it('is no retry where retrying cannot help', () => {
    expect(openBackupActions({ ...standing, status: 'FAILED', retryable: false }, operator)).not.toContain(
      'RETRY',
    );
  });

  it('is still a cancel and a note where the environment was deleted meanwhile', () => {
    const open = openBackupActions(
      { status: 'RUNNING', retryable: true, environmentDeleted: true },
      operator,
    );
    expect(open).toEqual(['CANCEL', 'EDIT_NOTE']);
  });

  it('is a restore once it has succeeded, also where its environment was deleted: it may go elsewhere', () => {
    const restorable = jobStatuses.filter((status) =>
      openBackupActions({ ...standing, status, environmentDeleted: true }, operator).includes('RESTORE'),
    );
    expect(restorable).toEqual(['SUCCEEDED']);
  });

  it('is nothing for those who only look', () => {
    for (const status of jobStatuses) {
      expect(openBackupActions({ ...standing, status }, { role: 'VIEWER', isSupport: true })).toEqual([]);
    }
  });
});
