import { describe, expect, it } from 'vitest';
import {
  isSwitching,
  jobStatuses,
  openRestoreActions,
  restoreActions,
  restoreConfirmation,
  sourceInWords,
  switchStep,
  wayToUndo,
  type JobStatus,
  type RestoreAction,
  type RestoreWay,
  type Role,
} from '#schema/domain';

const both = [false, true];
const everyRole: (Role | null)[] = [null, 'VIEWER', 'OPERATOR', 'ADMIN'];
const admin = { role: 'ADMIN', isSupport: false } as const;
const phases = ['queued', 'database', switchStep];

/** Every combination of these values. */
function product<Facts extends object>(values: { [Name in keyof Facts]: readonly Facts[Name][] }): Facts[] {
  const names = Object.keys(values) as (keyof Facts)[];
  return names.reduce<Facts[]>(
    (cells, name) => cells.flatMap((cell) => values[name].map((value) => ({ ...cell, [name]: value }))),
    [{} as Facts],
  );
}

const cells = product<{
  status: JobStatus;
  phase: string;
  retryable: boolean;
  environmentDeleted: boolean;
  canUndo: boolean;
  role: Role | null;
  isSupport: boolean;
}>({
  status: jobStatuses,
  phase: phases,
  retryable: both,
  environmentDeleted: both,
  canUndo: both,
  role: everyRole,
  isSupport: both,
});

describe('what is offered for a restore', () => {
  /** What an administrator finds, written out. */
  const offered: Record<JobStatus, (cell: (typeof cells)[number]) => RestoreAction[]> = {
    QUEUED: () => ['CANCEL'],
    RUNNING: ({ phase }) => (phase === 'switch' ? [] : ['CANCEL']),
    SUCCEEDED: ({ canUndo }) => (canUndo ? ['UNDO'] : []),
    FAILED: ({ retryable, environmentDeleted }) => (retryable && !environmentDeleted ? ['RETRY'] : []),
    CANCELED: ({ environmentDeleted }) => (environmentDeleted ? [] : ['RETRY']),
  };

  it('is laid down for every case', () => {
    expect(cells).toHaveLength(5 * 3 * 2 * 2 * 2 * 4 * 2);
    for (const cell of cells) {
      const expected = cell.role === 'ADMIN' ? offered[cell.status](cell) : [];
      expect({ cell, open: openRestoreActions(cell, cell) }).toEqual({ cell, open: expected });
    }
  });

  it('comes in one order, nothing twice', () => {
    for (const cell of cells) {
      const open = openRestoreActions(cell, cell);
      expect(open).toEqual(restoreActions.filter((action) => open.includes(action)));
    }
  });

  it('is no cancel while names are swapped', () => {
    const state = { status: 'RUNNING', retryable: true, environmentDeleted: false, canUndo: false } as const;
    expect(openRestoreActions({ ...state, phase: 'database' }, admin)).toEqual(['CANCEL']);
    expect(openRestoreActions({ ...state, phase: 'switch' }, admin)).toEqual([]);
  });

  it('knows that moment by step and state: a restore that ended in it is not in it', () => {
    const switching = product<{ status: JobStatus; phase: string }>({ status: jobStatuses, phase: phases });
    expect(switching.filter(isSwitching)).toEqual([{ status: 'RUNNING', phase: 'switch' }]);
  });
});

describe('how a restore is undone', () => {
  const now = Date.UTC(2026, 10, 22);
  /** The last minute is not used: what is being dropped cannot be switched back to. */
  const minuteMs = 60_000;
  const untils = [null, now - 1, now, now + minuteMs, now + minuteMs + 1];
  const facts = product<Parameters<typeof wayToUndo>[0]>({
    status: jobStatuses,
    environmentDeleted: both,
    replacedKept: both,
    undoUntilMs: untils,
    safetyBackupUsable: both,
    overtaken: both,
  });

  it('is laid down for every case', () => {
    expect(facts).toHaveLength(5 * 2 * 2 * 5 * 2 * 2);
    for (const each of facts) {
      const open = each.status === 'SUCCEEDED' && !each.environmentDeleted;
      const kept = each.replacedKept && !each.overtaken && each.undoUntilMs === now + minuteMs + 1;
      const way: RestoreWay | null = kept ? 'SWITCH_BACK' : each.safetyBackupUsable ? 'BACKUP' : null;
      expect({ each, way: wayToUndo(each, now) }).toEqual({ each, way: open ? way : null });
    }
  });
});

it('a destination is confirmed by its slugs', () => {
  expect(restoreConfirmation('shop', 'live')).toBe('shop/live');
});

describe('a source in words', () => {
  const at = new Date('2026-11-22T03:00:12Z');

  it('is where it is from, when it was taken, and its note', () => {
    expect(sourceInWords('shop/live', at, 'Pre-launch roll-back state')).toBe(
      'shop/live, 22 Nov 2026 03:00 UTC, Pre-launch roll-back state',
    );
  });

  it('is without a note where there is none', () => {
    expect(sourceInWords('shop/live', at, '')).toBe('shop/live, 22 Nov 2026 03:00 UTC');
  });
});
