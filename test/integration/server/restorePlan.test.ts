import { describe, expect, test } from 'vitest';
import {
  admin,
  api,
  backup,
  live,
  makeBackup,
  makeRestore,
  other,
  person,
  shop,
  staging,
  useRestores,
} from './restoreFixture.js';

useRestores();

describe('restorePlan', () => {
  interface Plan {
    warnings: Array<{ code: string }>;
    blockers: Array<{ code: string; message: string }>;
    confirmation: string;
    destinationGitCommit: string | null;
    backupGitCommit: string | null;
    estimatedSeconds: number | null;
  }
  const plan = (token: string, variables: object = {}) =>
    api.ask<Plan | null>(
      token,
      'restorePlan',
      `query($s: ID!, $d: ID!, $c: [Content!]) { restorePlan(sourceId: $s, destinationId: $d, contents: $c) {
        warnings { code } blockers { code message } confirmation destinationGitCommit backupGitCommit estimatedSeconds } }`,
      { s: backup.id, d: live.id, ...variables },
    );
  const codes = (found: Array<{ code: string }> | undefined) => found?.map(({ code }) => code);

  test('is what is known, and says that the destination could not be looked at', async () => {
    const askedAt = performance.now();
    const found = await plan(admin, { d: staging.id });
    // A person waits: not for as long as a look may take.
    expect(performance.now() - askedAt).toBeLessThan(10_000);
    expect(codes(found?.blockers)).toEqual([]);
    expect(codes(found?.warnings)).toEqual(['OVERWRITES', 'OTHER_PROJECT', 'LIVE_INTO_TEST', 'NOT_SURVEYED']);
    expect(found).toMatchObject({ confirmation: `${other.slug}/staging`, estimatedSeconds: null });
  });

  test('is nothing to those who do not see both ends', async () => {
    expect(await plan(await person({ [other.id]: 'ADMIN' }))).toBeNull();
    expect(await plan(await person({ [shop.id]: 'ADMIN' }), { d: staging.id })).toBeNull();
    expect(await plan(admin, { s: 'x' })).toBeNull();
  });

  test('says what the caller may not do, and then looks at nothing', async () => {
    const found = await plan(await person({ [shop.id]: 'VIEWER' }));
    expect(codes(found?.blockers)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    expect(codes(found?.warnings)).toEqual(['OVERWRITES']);
    expect(found?.blockers.map(({ message }) => message).join()).toMatch(
      /restore backups.*overwrite environments/,
    );
  });

  test('says what stands in the way', async () => {
    const running = await makeRestore({ status: 'RUNNING' });
    await makeBackup(live, { status: 'RUNNING' });
    const found = await plan(await person({ [shop.id]: 'OPERATOR' }), { c: ['MEDIA'] });
    expect(codes(found?.blockers)).toEqual(['FORBIDDEN', 'RESTORE_UNDER_WAY']);
    expect(found?.blockers[1]?.message).toContain(running.id);
    expect(codes(found?.warnings)).toEqual(['OVERWRITES', 'JOBS_UNDER_WAY']);
  });

  test('estimates by what restores took, of this destination before others', async () => {
    const startedAt = new Date('2026-11-22T04:00:00Z');
    const took = (seconds: number) => ({
      startedAt,
      finishedAt: new Date(startedAt.getTime() + seconds * 1_000),
    });
    const viewer = await person({ [shop.id]: 'VIEWER', [other.id]: 'VIEWER' });
    const seconds = async (variables: object = {}) => (await plan(viewer, variables))?.estimatedSeconds;
    await api.source.query(`DELETE FROM restores`);
    await makeRestore({ ...took(300) });
    expect([await seconds(), await seconds({ d: staging.id })]).toEqual([300, 300]);
    await makeRestore({ ...took(30), contents: ['MEDIA'] });
    await makeRestore({ ...took(20), contents: ['DATABASE'] });
    // Seconds per thousand bytes: 100, 30, 10.
    expect([await seconds(), await seconds({ c: ['MEDIA'] })]).toEqual([90, 30]);
    await makeRestore({ ...took(6), projectId: other.id, environmentId: staging.id });
    expect([await seconds(), await seconds({ d: staging.id })]).toEqual([90, 6]);
  });
});
