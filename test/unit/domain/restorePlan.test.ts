import { describe, expect, it } from 'vitest';
import { planFindings, type RestorePlanFacts } from '#schema/domain';

const [commit, otherCommit] = ['a'.repeat(40), 'b'.repeat(40)];
/** A restore of both contents to where they came from. */
const plain: RestorePlanFacts = {
  contents: ['DATABASE', 'MEDIA'],
  source: {
    where: 'shop/live',
    stage: 'LIVE',
    projectId: 'p1',
    gitCommit: commit,
    ready: true,
    contents: ['DATABASE', 'MEDIA'],
  },
  destination: {
    where: 'shop/live',
    stage: 'LIVE',
    projectId: 'p1',
    gitCommit: commit,
    deleted: false,
    hasDatabase: true,
    hasMedia: true,
  },
  restoreUnderWay: null,
  backupsUnderWay: 0,
};
const from = (source: Partial<RestorePlanFacts['source']>): RestorePlanFacts => ({
  ...plain,
  source: { ...plain.source, ...source },
});
const onto = (destination: Partial<RestorePlanFacts['destination']>): RestorePlanFacts => ({
  ...plain,
  destination: { ...plain.destination, ...destination },
});

const cases: Array<[string, RestorePlanFacts, warnings: string[], blockers: string[]]> = [
  ['nothing special', plain, ['OVERWRITES'], []],
  [
    'a destination that was deleted, whatever else',
    onto({ deleted: true, hasMedia: false }),
    [],
    ['DESTINATION_GONE'],
  ],
  ['a backup that has not succeeded', from({ ready: false }), ['OVERWRITES'], ['NOT_READY']],
  ['nothing chosen', { ...plain, contents: [] }, [], ['NOTHING_CHOSEN']],
  ['a backup without media', from({ contents: ['DATABASE'] }), ['OVERWRITES'], ['NO_MEDIA_IN_BACKUP']],
  ['a backup without a database', from({ contents: ['MEDIA'] }), ['OVERWRITES'], ['NO_DATABASE_IN_BACKUP']],
  ['a destination without media', onto({ hasMedia: false }), ['OVERWRITES'], ['NO_MEDIA']],
  ['a destination without a database', onto({ hasDatabase: false }), ['OVERWRITES'], ['NO_DATABASE']],
  [
    'what is missing and not wanted',
    { ...onto({ hasMedia: false }), contents: ['DATABASE'] },
    ['OVERWRITES'],
    [],
  ],
  ['another restore', { ...plain, restoreUnderWay: 'r1' }, ['OVERWRITES'], ['RESTORE_UNDER_WAY']],
  ['another project', onto({ projectId: 'p2' }), ['OVERWRITES', 'OTHER_PROJECT'], []],
  ['Test data over Live', from({ stage: 'TEST' }), ['OVERWRITES', 'TEST_OVER_LIVE'], []],
  ['Live data into Test', onto({ stage: 'TEST' }), ['OVERWRITES', 'LIVE_INTO_TEST'], []],
  ['another commit', onto({ gitCommit: otherCommit }), ['OVERWRITES', 'OTHER_COMMIT'], []],
  ['a backup of no known commit', from({ gitCommit: null }), ['OVERWRITES'], []],
  ['a destination of no known commit', onto({ gitCommit: null }), ['OVERWRITES'], []],
  ['a backup under way', { ...plain, backupsUnderWay: 1 }, ['OVERWRITES', 'JOBS_UNDER_WAY'], []],
];
const codes = (findings: Array<{ code: string }>) => findings.map(({ code }) => code);

describe('a plan', () => {
  it.each(cases)('finds what stands against it: %s', (_what, facts, warnings, blockers) => {
    const found = planFindings(facts);
    expect(codes(found.warnings)).toEqual(warnings);
    expect(codes(found.blockers)).toEqual(blockers);
  });

  it.each(cases)('says it in whole sentences: %s', (_what, facts) => {
    const { warnings, blockers } = planFindings(facts);
    for (const { message } of [...warnings, ...blockers]) expect(message).toMatch(/^[A-Za-z0-9].*[^.\s]\.$/);
  });

  it('names what will be overwritten, where', () => {
    const message = ({ warnings }: ReturnType<typeof planFindings>) => warnings[0]?.message;
    expect(message(planFindings(plain))).toContain('database and media of shop/live');
    expect(message(planFindings({ ...plain, contents: ['MEDIA'] }))).toContain(
      'The present media of shop/live',
    );
  });

  it('names the restore in the way, and both commits', () => {
    expect(planFindings({ ...plain, restoreUnderWay: 'r1' }).blockers[0]?.message).toContain('(r1)');
    const [, found] = planFindings(onto({ gitCommit: otherCommit })).warnings;
    expect(found?.message).toContain('aaaaaaaaaaaa');
    expect(found?.message).toContain('bbbbbbbbbbbb');
  });

  it('counts the backups that it waits for', () => {
    const words = (backupsUnderWay: number) =>
      planFindings({ ...plain, backupsUnderWay }).warnings.find(({ code }) => code === 'JOBS_UNDER_WAY')
        ?.message;
    expect(words(0)).toBeUndefined();
    expect(words(1)).toBe('A backup of shop/live is under way: the restore begins after it.');
    expect(words(3)).toBe('3 backups of shop/live are under way: the restore begins after them.');
  });
});
