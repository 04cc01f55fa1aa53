import { describe, expect, it } from 'vitest';
import { deeds, mayDo, maySee, roles, type Deed, type Role } from '#schema/domain';

/** Who may do what, written out: nobody, VIEWER, OPERATOR, ADMIN. */
const table: Record<Exclude<Deed, 'see'>, string> = {
  createBackup: '- - + +',
  cancelBackup: '- - + +',
  retryBackup: '- - + +',
  editNote: '- - + +',
  recordDeployment: '- - + +',
  restoreFrom: '- - + +',
  restoreOnto: '- - - +',
  cancelRestore: '- - - +',
  retryRestore: '- - - +',
  undoRestore: '- - - +',
  prepareDownload: '- - + +',
  cancelDownload: '- - + +',
  retryDownload: '- - + +',
  revokeDownload: '- - + +',
  download: '- - + +',
  createEnvironment: '- - - +',
  updateEnvironment: '- - - +',
  checkEnvironment: '- - - +',
  deleteEnvironment: '- - - +',
  setMember: '- - - +',
};
const everyRole: (Role | null)[] = [null, 'VIEWER', 'OPERATOR', 'ADMIN'];
const everyDeed = Object.keys(table) as (keyof typeof table)[];

describe('what people may do', () => {
  it('is laid down for every deed and role', () => {
    expect(Object.keys(deeds)).toEqual(['see', ...everyDeed]);
    expect([null, ...roles]).toEqual(everyRole);
  });

  const cells = everyDeed.flatMap((deed) =>
    everyRole.flatMap((role, column) =>
      [false, true].map((isSupport) => ({
        deed,
        role,
        isSupport,
        may: table[deed].split(' ')[column] === '+',
      })),
    ),
  );

  it.each(cells)('$deed as $role, support staff $isSupport: $may', ({ deed, role, isSupport, may }) => {
    expect(mayDo({ role, isSupport }, deed)).toBe(may);
  });

  it('grows from role to role, never shrinks', () => {
    for (const deed of everyDeed) {
      const answers = roles.map((role) => mayDo({ role, isSupport: false }, deed));
      expect(
        [...answers].sort((a, b) => Number(a) - Number(b)),
        deed,
      ).toEqual(answers);
    }
  });

  it('is nothing for support staff who are no member', () => {
    expect(everyDeed.filter((deed) => mayDo({ role: null, isSupport: true }, deed))).toEqual([]);
  });
});

describe('who sees a project', () => {
  it.each([
    { role: null, isSupport: false, sees: false },
    { role: null, isSupport: true, sees: true },
    { role: 'VIEWER', isSupport: false, sees: true },
    { role: 'VIEWER', isSupport: true, sees: true },
    { role: 'OPERATOR', isSupport: false, sees: true },
    { role: 'OPERATOR', isSupport: true, sees: true },
    { role: 'ADMIN', isSupport: false, sees: true },
    { role: 'ADMIN', isSupport: true, sees: true },
  ] as const)('as $role, support staff $isSupport: $sees', ({ sees, ...standing }) => {
    expect(maySee(standing)).toBe(sees);
    expect(mayDo(standing, 'see')).toBe(sees);
  });
});
