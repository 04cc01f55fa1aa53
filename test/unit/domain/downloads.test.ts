import { describe, expect, it } from 'vitest';
import {
  downloadActions,
  downloadFileName,
  filePath,
  isAlive,
  jobStatuses,
  openDownloadActions,
  type DownloadState,
  type Role,
} from '#schema/domain';

const now = Date.UTC(2026, 10, 22, 12);
const later = now + 60_000;
const everyRole: (Role | null)[] = [null, 'VIEWER', 'OPERATOR', 'ADMIN'];

const ready: DownloadState = {
  status: 'SUCCEEDED',
  expiresAtMs: later,
  revoked: false,
  retryable: false,
  sourceThere: true,
};
const open = (facts: Partial<DownloadState>, role: Role | null = 'OPERATOR', isSupport = false) =>
  openDownloadActions({ ...ready, ...facts }, { role, isSupport }, now).join(' ');

describe('what can be done with a download', () => {
  it.each([
    ['ready', {}, 'DOWNLOAD REVOKE'],
    ['expired', { expiresAtMs: now }, 'REISSUE'],
    ['revoked', { revoked: true }, 'REISSUE'],
    ['expired, its backup gone', { expiresAtMs: now, sourceThere: false }, ''],
    ['ready, its backup gone', { sourceThere: false }, 'DOWNLOAD REVOKE'],
    ['queued', { status: 'QUEUED', expiresAtMs: null }, 'CANCEL'],
    ['running', { status: 'RUNNING', expiresAtMs: null }, 'CANCEL'],
    ['failed', { status: 'FAILED', expiresAtMs: null, retryable: true }, 'RETRY'],
    ['failed for good', { status: 'FAILED', expiresAtMs: null }, ''],
    [
      'failed, its backup gone',
      { status: 'FAILED', expiresAtMs: null, retryable: true, sourceThere: false },
      '',
    ],
    ['cancelled', { status: 'CANCELED', expiresAtMs: null }, 'RETRY'],
  ] as const)('where it is %s', (_where, facts, expected) => expect(open(facts)).toBe(expected));

  it('is nothing for who may only look, whatever its state', () => {
    for (const status of jobStatuses) {
      for (const revoked of [false, true]) {
        for (const role of ['VIEWER', null] as const) {
          expect(open({ status, revoked }, role)).toBe('');
          expect(open({ status, revoked }, role, true)).toBe('');
        }
      }
    }
  });

  it('is offered in one order', () => {
    for (const role of everyRole) {
      const offered = open({}, role).split(' ').filter(Boolean);
      expect(offered).toEqual(downloadActions.filter((action) => offered.includes(action)));
    }
  });
});

describe('the files of a download', () => {
  it('can be had until the very moment it expires', () => {
    expect(isAlive(ready, later - 1)).toBe(true);
    expect(isAlive(ready, later)).toBe(false);
    expect(isAlive({ ...ready, expiresAtMs: null }, now)).toBe(false);
  });

  it('are called by place and time, so that they sort', () => {
    const slugs = { project: 'shop', environment: 'live' };
    const at = new Date('2026-11-22T22:02:53.120Z');
    expect(downloadFileName('DATABASE', slugs, at)).toBe('shop-live-20261122T220253Z.dump');
    expect(downloadFileName('MEDIA', slugs, at)).toBe('shop-live-20261122T220253Z.media.tar');
  });

  it('have an address that stays', () => {
    expect(filePath('0b1c', 'shop-live-20261122T220253Z.media.tar')).toBe(
      '/files/0b1c/shop-live-20261122T220253Z.media.tar',
    );
    expect(filePath('0b1c', 'Käse & Co.zip')).toBe('/files/0b1c/K%C3%A4se%20%26%20Co.zip');
  });
});
