import { describe, expect, it } from 'vitest';
import {
  openProjectActions,
  projectActions,
  roles,
  takesLastAdmin,
  type MemberFacts,
  type ProjectAction,
  type Role,
} from '#schema/domain';

const member = (userId: string, role: Role, hasSignedIn = true): MemberFacts => ({
  userId,
  role,
  hasSignedIn,
});
const another = member('other', 'ADMIN');
const invited = member('invited', 'ADMIN', false);

/** What is offered, written out: to the only administrator, and where there is another one. */
const offered: Record<Role | 'none', [ProjectAction[], ProjectAction[]]> = {
  none: [[], []],
  VIEWER: [['LEAVE'], ['LEAVE']],
  OPERATOR: [['LEAVE'], ['LEAVE']],
  ADMIN: [
    ['CREATE_ENVIRONMENT', 'SET_MEMBER'],
    ['CREATE_ENVIRONMENT', 'SET_MEMBER', 'LEAVE'],
  ],
};

const cells = ([null, ...roles] as const).flatMap((role) =>
  [false, true].flatMap((isSupport) => [false, true].map((hasAnother) => ({ role, isSupport, hasAnother }))),
);

describe('what is offered for a project', () => {
  it.each(cells)(
    'as $role, support $isSupport, another admin $hasAnother',
    ({ role, isSupport, hasAnother }) => {
      const members = [...(role ? [member('me', role)] : []), ...(hasAnother ? [another] : [])];
      expect(openProjectActions(members, 'me', { role, isSupport })).toEqual(
        offered[role ?? 'none'][hasAnother ? 1 : 0],
      );
    },
  );

  it('comes in one order', () => {
    const open = openProjectActions([member('me', 'ADMIN'), another], 'me', {
      role: 'ADMIN',
      isSupport: false,
    });
    expect(open).toEqual([...projectActions]);
  });
});

describe('the last administrator', () => {
  const me = member('me', 'ADMIN');

  it.each([null, 'VIEWER', 'OPERATOR'] as const)('cannot become %s', (role) => {
    expect(takesLastAdmin([me, member('other', 'OPERATOR')], 'me', role)).toBe(true);
  });

  it('stays so by being made one again', () => {
    expect(takesLastAdmin([me], 'me', 'ADMIN')).toBe(false);
  });

  it('is not replaced by one who was invited and never came', () => {
    expect(takesLastAdmin([me, invited], 'me', null)).toBe(true);
  });

  it('is nobody where there are two, nor one who was only invited', () => {
    expect(takesLastAdmin([me, another], 'me', null)).toBe(false);
    expect(takesLastAdmin([me, invited], 'invited', null)).toBe(false);
    expect(takesLastAdmin([invited], 'invited', null)).toBe(false);
  });

  it('holds nobody else back', () => {
    const viewer = member('viewer', 'VIEWER');
    expect(takesLastAdmin([me, viewer], 'viewer', null)).toBe(false);
    expect(takesLastAdmin([me, viewer], 'stranger', null)).toBe(false);
  });
});
