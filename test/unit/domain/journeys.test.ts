import { describe, expect, it } from 'vitest';
import {
  enginesQueue,
  jobIdOf,
  searchAttributes,
  taskQueue,
  workflowId,
  workflowTypes,
} from '#schema/domain';

describe('what support staff see in Temporal', () => {
  it('is a workflow whose id is the job’s own behind its noun', () => {
    expect(workflowId.backup('b1')).toBe('backup/b1');
    expect(workflowId.restore('r1')).toBe('restore/r1');
    expect(workflowId.check('e1', 'r1')).toBe('check/e1/r1');
    expect(workflowId.survey('e1', 'r1')).toBe('survey/e1/r1');
  });

  it('leads from that id back to the job, and from no other', () => {
    expect(jobIdOf(workflowId.backup('b1'))).toEqual({ kind: 'BACKUP', id: 'b1' });
    expect(jobIdOf(workflowId.restore('r1'))).toEqual({ kind: 'RESTORE', id: 'r1' });
    const asked = [workflowId.check('e1', 'r1'), workflowId.survey('e1', 'r1')];
    for (const other of ['', 'backup', 'backup/', 'backup/b1/x', 'restore/', 'restore/r1/x', ...asked]) {
      expect(jobIdOf(other)).toBeNull();
    }
  });

  it('is a type named after what it does', () => {
    for (const [name, type] of Object.entries(workflowTypes)) expect(type).toBe(name);
  });

  it('is found by search attributes of Holdfast’s own, no two alike', () => {
    const names = Object.values(searchAttributes);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^Holdfast[A-Z][a-z]+$/);
  });

  it('is long work that never keeps bookkeeping waiting', () => {
    expect(enginesQueue).not.toBe(taskQueue);
  });
});
