import { describe, expect, it } from 'vitest';
import {
  environmentActions,
  mayDo,
  openEnvironmentActions,
  roles,
  type Deed,
  type EnvironmentAction,
  type Role,
} from '#schema/domain';

/** What is offered, written out, where there is something to back up. */
const offered: Record<Role | 'none', EnvironmentAction[]> = {
  none: [],
  VIEWER: [],
  OPERATOR: ['CREATE_BACKUP', 'RECORD_DEPLOYMENT'],
  ADMIN: ['CREATE_BACKUP', 'RECORD_DEPLOYMENT', 'UPDATE', 'CHECK', 'DELETE'],
};

/** By which rule a mutation refuses each. */
const deedOf: Record<EnvironmentAction, Deed> = {
  CREATE_BACKUP: 'createBackup',
  RECORD_DEPLOYMENT: 'recordDeployment',
  UPDATE: 'updateEnvironment',
  CHECK: 'checkEnvironment',
  DELETE: 'deleteEnvironment',
};

const both = [false, true];
const cells = ([null, ...roles] as const).flatMap((role) =>
  both.flatMap((isSupport) =>
    both.flatMap((hasContent) => both.map((deleted) => ({ role, isSupport, hasContent, deleted }))),
  ),
);

describe('what is offered for an environment', () => {
  it.each(cells)(
    'as $role, support $isSupport, something to back up $hasContent, deleted $deleted',
    ({ role, isSupport, hasContent, deleted }) => {
      const open = openEnvironmentActions({ deleted, hasContent }, { role, isSupport });
      const ofRole = offered[role ?? 'none'].filter((action) => hasContent || action !== 'CREATE_BACKUP');
      expect(open).toEqual(deleted ? [] : ofRole);
    },
  );

  it.each(cells)('is what mutations allow ($role, support $isSupport)', ({ role, isSupport }) => {
    const open = openEnvironmentActions({ deleted: false, hasContent: true }, { role, isSupport });
    expect(open).toEqual(environmentActions.filter((action) => mayDo({ role, isSupport }, deedOf[action])));
  });
});
