import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Role } from '#schema/domain';
import { Backup, Download, DownloadMail, Environment } from '#schema/entities';
import { countQueries } from '../../support/countQueries.js';
import { api, backup, live, makeBackup, shop } from './restoreFixture.js';
import {
  audited,
  fields,
  mailsOf,
  makeDownload,
  makeFile,
  operator,
  prepare,
  refusal,
  see,
  somebody,
  tell,
  useDownloads,
  type DownloadSeen,
} from './downloadFixture.js';

useDownloads();

const downloads = () => api.source.getRepository(Download);
const both = ['MEDIA', 'DATABASE'];

describe('prepareDownload', () => {
  test('keeps the request: a queued job with a mail to who asked, written down', async () => {
    const { download, userErrors } = await prepare(operator.token, { contents: [...both, 'MEDIA'] });
    expect(userErrors).toEqual([]);
    expect(download).toMatchObject({
      status: 'QUEUED',
      can: ['CANCEL'],
      contents: ['DATABASE', 'MEDIA'],
      sourceDescription: `${shop.slug}/live, 22 Nov 2026 03:00 UTC, Roll-back state`,
      source: { id: backup.id },
      environment: { id: live.id },
      files: [],
      expiresAt: null,
      emailedTo: operator.email,
      emailedAt: null,
      mailState: 'PENDING',
      workflow: { workflowId: `download/${download?.id}` },
    });
    expect(await audited(download?.id ?? '')).toMatchObject([
      {
        deed: 'prepareDownload',
        noun: 'Download',
        projectId: shop.id,
        userId: operator.id,
        email: operator.email,
        by: 'token',
        details: { contents: ['DATABASE', 'MEDIA'], email: true },
      },
    ]);
  });

  test('mails nobody where that is not wanted', async () => {
    const { download } = await prepare(operator.token, { email: false });
    expect(download).toMatchObject({ emailedTo: null, mailState: null });
    expect(await mailsOf(download?.id ?? '')).toEqual([]);
  });

  test('names all that is wrong with it', async () => {
    expect(await refusal(prepare(operator.token, { sourceId: randomUUID() }))).toEqual([
      ['NOT_FOUND', 'input.sourceId'],
    ]);
    expect(await refusal(prepare(operator.token, { sourceId: 'x' }))).toEqual([
      ['NOT_FOUND', 'input.sourceId'],
    ]);
    expect(await refusal(prepare(operator.token, { contents: [] }))).toEqual([['INVALID', 'input.contents']]);
    const small = await makeBackup(live, { contents: ['MEDIA'] });
    expect(await refusal(prepare(operator.token, { sourceId: small.id }))).toEqual([
      ['INVALID', 'input.contents'],
    ]);
    const running = await makeBackup(live, { status: 'RUNNING' });
    expect(await refusal(prepare(operator.token, { sourceId: running.id }))).toEqual([
      ['NOT_READY', 'input.sourceId'],
    ]);
    expect(await downloads().countBy({ projectId: shop.id })).toBe(0);
  });

  test.each<[string, Role | null, boolean, string | null]>([
    ['is no member', null, false, 'NOT_FOUND'],
    ['is of the support staff alone', null, true, 'FORBIDDEN'],
    ['only looks', 'VIEWER', false, 'FORBIDDEN'],
    ['operates', 'OPERATOR', false, null],
    ['administers', 'ADMIN', false, null],
  ])('to one who %s', async (_who, role, isSupport, code) => {
    const { token } = await somebody(role, isSupport);
    expect((await prepare(token)).userErrors[0]?.code ?? null).toBe(code);
    const alive = await makeDownload();
    expect((await tell('revokeDownload', alive.id, token)).userErrors[0]?.code ?? null).toBe(code);
    const ended = await makeDownload({ revokedAt: new Date(), contents: ['MEDIA'] });
    expect((await tell('reissueDownload', ended.id, token)).userErrors[0]?.code ?? null).toBe(code);
  });

  test('works for a backup whose environment was deleted, also when run again', async () => {
    await api.source.getRepository(Environment).update(live.id, { deletedAt: new Date() });
    const { download } = await prepare(operator.token);
    expect(download).toMatchObject({ status: 'QUEUED' });
    expect((await tell('cancelJob', download?.id ?? '')).job).toEqual({ status: 'CANCELED' });
    expect(await see(download?.id ?? '')).toMatchObject({ can: ['RETRY'] });
    expect((await tell('retryJob', download?.id ?? '')).job).toEqual({ status: 'RUNNING' });
  });

  test('with one key twice answers with the first download, with other input not at all', async () => {
    const idempotencyKey = randomUUID();
    const first = await prepare(operator.token, { idempotencyKey });
    expect((await prepare(operator.token, { idempotencyKey })).download?.id).toBe(first.download?.id);
    expect(await audited(first.download?.id ?? '')).toHaveLength(1);
    expect(await refusal(prepare(operator.token, { idempotencyKey, contents: both }))).toEqual([
      ['CONFLICT', 'input.idempotencyKey'],
    ]);
  });
});

describe('a download', () => {
  test('shows its files, each with an address, to those who may download, and only its own mail', async () => {
    const alive = await makeDownload({ contents: ['DATABASE', 'MEDIA'] });
    const { file: media } = await makeFile(alive, 10, 'MEDIA');
    const { file: dump } = await makeFile(alive, 20);
    await prepare(operator.token, { contents: both });
    const seen = await see(alive.id);
    expect(seen?.can).toEqual(['DOWNLOAD', 'REVOKE']);
    expect(seen?.files).toMatchObject([
      { name: dump.name, content: 'DATABASE', size: 20, sha256: dump.sha256 },
      { name: media.name, content: 'MEDIA', size: 10 },
    ]);
    const stem = `http://127.0.0.1:4000/files/${alive.id}/${dump.name}?key=hfd_`;
    expect(seen?.files[0]?.url?.startsWith(stem)).toBe(true);
    for (const looker of [await somebody('VIEWER'), await somebody(null, true)]) {
      const theirs = await see(alive.id, looker.token);
      expect(theirs).toMatchObject({ can: [], emailedTo: null, mailState: null, uses: [] });
      expect(theirs?.files.map(({ url }) => url)).toEqual([null, null]);
    }
    expect(await see(alive.id, (await somebody(null)).token)).toBeNull();
  });

  test('is revoked once, and made anew after that or after its time', async () => {
    const alive = await makeDownload();
    await makeFile(alive);
    expect(await refusal(tell('reissueDownload', alive.id))).toEqual([['CONFLICT', 'id']]);
    const { download: revoked } = await tell('revokeDownload', alive.id);
    expect(revoked).toMatchObject({ files: [], can: ['REISSUE'], status: 'SUCCEEDED' });
    expect(revoked?.revokedAt).not.toBeNull();
    expect(await refusal(tell('revokeDownload', alive.id))).toEqual([['CONFLICT', 'id']]);
    const { download: anew } = await tell('reissueDownload', alive.id);
    expect(anew).toMatchObject({ status: 'QUEUED', contents: ['DATABASE'], mailState: 'PENDING' });
    expect(anew?.id).not.toBe(alive.id);
    expect((await tell('reissueDownload', alive.id)).download?.id).toBe(anew?.id);
    expect((await audited(anew?.id ?? ''))[0]).toMatchObject({
      deed: 'reissueDownload',
      details: { of: alive.id },
    });
    const expired = await makeDownload({ expiresAt: new Date(Date.now() - 1) });
    expect(await see(expired.id)).toMatchObject({ can: ['REISSUE'], files: [] });
    expect((await tell('reissueDownload', expired.id)).download?.id).toBe(anew?.id);
  });

  test('is not there for others, cannot be made anew or run again without its backup', async () => {
    expect(await refusal(tell('revokeDownload', randomUUID()))).toEqual([['NOT_FOUND', 'id']]);
    expect(await refusal(tell('reissueDownload', backup.id))).toEqual([['NOT_FOUND', 'id']]);
    const ended = await makeDownload({ revokedAt: new Date() });
    const canceled = await makeDownload({ status: 'CANCELED' });
    await api.source.query('DELETE FROM backup_parts WHERE backup_id = $1', [backup.id]);
    await api.source.getRepository(Backup).delete(backup.id);
    expect(await see(ended.id)).toMatchObject({ can: [], source: null, sourceDescription: 'as it was' });
    expect(await see(canceled.id)).toMatchObject({ can: [] });
    expect(await refusal(tell('reissueDownload', ended.id))).toEqual([['EXPIRED', 'id']]);
    expect(await refusal(tell('retryJob', canceled.id))).toEqual([['EXPIRED', 'id']]);
  });

  test('is cancelled and run again by operators only', async () => {
    const viewer = await somebody('VIEWER');
    const running = await makeDownload({ status: 'RUNNING', runId: 'r' });
    expect(await refusal(tell('cancelJob', running.id, viewer.token))).toEqual([['FORBIDDEN', null]]);
    expect((await tell('cancelJob', running.id)).job).toEqual({ status: 'RUNNING' });
    const failure = { code: 'STORAGE_UNREACHABLE' as const, message: 'x', retryable: true };
    const failed = await makeDownload({ status: 'FAILED', failure });
    expect(await refusal(tell('retryJob', failed.id, viewer.token))).toEqual([['FORBIDDEN', null]]);
    expect((await tell('retryJob', failed.id)).job).toEqual({ status: 'RUNNING' });
  });

  test('is listed by its project, newest first, and among the jobs', async () => {
    const first = await makeDownload({ status: 'CANCELED' });
    const second = await makeDownload({ expiresAt: new Date(Date.now() - 1) });
    const list = `query($slug: String!, $after: String) { project(slug: $slug) { downloads(first: 1, after: $after) {
      nodes { id } totalCount pageInfo { endCursor hasNextPage } } } }`;
    interface Listed {
      downloads: { nodes: unknown[]; totalCount: number; pageInfo: { endCursor: string } };
    }
    const page = (after: string | null) =>
      api.ask<Listed>(operator.token, 'project', list, { slug: shop.slug, after });
    const newest = await page(null);
    expect(newest.downloads).toMatchObject({ nodes: [{ id: second.id }], totalCount: 2 });
    const older = await page(newest.downloads.pageInfo.endCursor);
    expect(older.downloads.nodes).toEqual([{ id: first.id }]);
    const jobs = await api.ask(
      operator.token,
      'jobs',
      '{ jobs(filter: { kinds: [DOWNLOAD] }) { nodes { __typename } totalCount } }',
    );
    expect(jobs).toEqual({ nodes: [{ __typename: 'Download' }, { __typename: 'Download' }], totalCount: 2 });
    const byWorkflow = 'query($id: String!) { job(workflowId: $id) { id } }';
    expect(await api.ask(operator.token, 'job', byWorkflow, { id: `download/${first.id}` })).toEqual({
      id: first.id,
    });
  });

  test('in a list, all that is shown of it is asked of the catalogue by as many queries as of two', async () => {
    for (let made = 0; made < 30; made += 1) {
      const alive = await makeDownload();
      await makeFile(alive, 1);
      await api.source.getRepository(DownloadMail).insert({ downloadId: alive.id, userId: operator.id });
    }
    const query = `query($slug: String!, $first: Int) { project(slug: $slug) {
      downloads(first: $first) { nodes { ${fields} } totalCount } } }`;
    const count = async (first: number) => {
      const asked = countQueries(api.source);
      const project = await api.ask<{ downloads: { nodes: DownloadSeen[]; totalCount: number } }>(
        operator.token,
        'project',
        query,
        { slug: shop.slug, first },
      );
      expect(project.downloads.totalCount).toBe(30);
      expect(project.downloads.nodes).toHaveLength(first);
      for (const { files, mailState } of project.downloads.nodes)
        expect([files[0]?.url === null, mailState]).toEqual([false, 'PENDING']);
      return asked();
    };
    const few = await count(2);
    expect(await count(30)).toBeLessThanOrEqual(few);
  });
});
