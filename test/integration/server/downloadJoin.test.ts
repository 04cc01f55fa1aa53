import { describe, expect, test } from 'vitest';
import { Download, DownloadMail } from '#schema/entities';
import { api, backup } from './restoreFixture.js';
import {
  audited,
  mailsOf,
  makeDownload,
  operator,
  prepare,
  see,
  somebody,
  useDownloads,
} from './downloadFixture.js';

useDownloads();

const downloads = () => api.source.getRepository(Download);
const both = ['MEDIA', 'DATABASE'];

describe('asking for the same', () => {
  test('joins what is being prepared: one download, a mail each', async () => {
    const other = await somebody('ADMIN');
    const { download: first } = await prepare(operator.token, { contents: both });
    const { download: second } = await prepare(other.token, { contents: ['DATABASE', 'MEDIA'] });
    expect(second?.id).toBe(first?.id);
    expect(second).toMatchObject({ emailedTo: other.email });
    expect(await see(first?.id ?? '')).toMatchObject({ emailedTo: operator.email });
    await prepare(operator.token, { contents: both });
    expect((await mailsOf(first?.id ?? '')).map(({ userId }) => userId)).toEqual([operator.id, other.id]);
    const deeds = (await audited(first?.id ?? '')).map(({ deed }) => deed);
    expect(deeds).toEqual(['prepareDownload', 'joinDownload', 'joinDownload']);
    expect((await prepare(other.token)).download?.id).not.toBe(first?.id);
  });

  test('twenty times at once makes one, and lets others through', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => prepare(operator.token)));
    expect(new Set(answers.map(({ download }) => download?.id)).size).toBe(1);
    expect(await downloads().countBy({ sourceBackupId: backup.id })).toBe(1);
  });

  test('joins one whose files are there, which then stays as long as a new one would', async () => {
    const soon = await makeDownload({ expiresAt: new Date(Date.now() + 60_000) });
    const { download } = await prepare(operator.token);
    expect(download?.id).toBe(soon.id);
    const leftMs = (download?.expiresAt?.getTime() ?? 0) - Date.now();
    expect(leftMs).toBeGreaterThan(167 * 3_600_000);
    const late = new Date(Date.now() + 9_000 * 3_600_000);
    await downloads().update(soon.id, { expiresAt: late });
    expect((await prepare(operator.token)).download?.expiresAt).toEqual(late);
  });

  test.each<[string, () => Partial<Download>]>([
    ['has expired', () => ({ expiresAt: new Date(Date.now() - 1_000) })],
    ['was revoked', () => ({ revokedAt: new Date() })],
    ['was cancelled', () => ({ status: 'CANCELED' })],
    ['is being cancelled', () => ({ status: 'RUNNING', runId: 'r', cancelRequestedAt: new Date() })],
    ['is of another backup', () => ({ sourceBackupId: null })],
    ['holds more', () => ({ contents: ['DATABASE', 'MEDIA'] })],
  ])('does not join one that %s', async (_what, more) => {
    const other = await makeDownload(more());
    const { download } = await prepare(operator.token);
    expect(download?.id).not.toBe(other.id);
    expect(download?.status).toBe('QUEUED');
  });

  test.each([
    ['UNCERTAIN', true],
    ['FAILED', true],
    ['SENT', false],
    ['PENDING', false],
  ] as const)('after a mail that is %s mails again: %s', async (state, again) => {
    const alive = await makeDownload();
    const mails = api.source.getRepository(DownloadMail);
    const sentAt = state === 'SENT' ? new Date() : null;
    const before = await mails.save({
      downloadId: alive.id,
      userId: operator.id,
      state,
      sentAt,
      problem: 'why',
    });
    expect(await see(alive.id)).toMatchObject({
      mailState: state,
      mailProblem: 'why',
      emailedAt: sentAt,
    });
    await prepare(operator.token);
    const after = await mailsOf(alive.id);
    expect(after).toHaveLength(1);
    expect(after[0]?.id !== before.id).toBe(again);
    if (again) expect(after[0]).toMatchObject({ state: 'PENDING', problem: null });
  });
});
