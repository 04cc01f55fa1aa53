import { describe, expect, it } from 'vitest';
import { mediaDirectoryProblem } from '#schema/config';

const overlaps = 'This folder overlaps Holdfast’s own data: choose one outside of it.';
const data = '/srv/holdfast';

describe('a media folder', () => {
  it('may lie anywhere where nothing is set', () => {
    expect(mediaDirectoryProblem('/srv/media', {})).toBeNull();
    expect(mediaDirectoryProblem('/', {})).toBeNull();
  });

  it.each(['media', './media', '../media', '', '~/media', 'C:\\media'])(
    'is given by its absolute path, not as %j',
    (directory) => {
      expect(mediaDirectoryProblem(directory, {})).toBe('Give the media folder’s absolute path.');
    },
  );

  it('holds no zero byte', () => {
    expect(mediaDirectoryProblem('/srv/me\0dia', {})).toContain('zero byte');
  });
});

describe('Holdfast’s own data', () => {
  it.each([
    '/srv/holdfast',
    '/srv/holdfast/',
    '/srv//holdfast',
    '/srv/holdfast/storage',
    '/srv/holdfast/storage/deep/er',
    '/srv/media/../holdfast/storage',
    '/srv/./holdfast',
    '/srv/holdfast/storage/..',
  ])('is no media: %s', (directory) => {
    expect(mediaDirectoryProblem(directory, { data })).toBe(overlaps);
  });

  it.each(['/srv', '/srv/', '/', '/srv/holdfast/..', '/srv/holdfast/../../srv'])(
    'is not below a media folder: %s',
    (directory) => {
      expect(mediaDirectoryProblem(directory, { data })).toBe(overlaps);
    },
  );

  it.each([
    '/srv/holdfast-media',
    '/srv/holdfas',
    '/srv/media',
    '/srv/holdfast/../media',
    '/srv/holdfast.old/x',
  ])('is not mistaken for a neighbour: %s', (directory) => {
    expect(mediaDirectoryProblem(directory, { data })).toBeNull();
  });

  it('is known however its path is written', () => {
    expect(mediaDirectoryProblem('/srv/holdfast/x', { data: '/srv/x/../holdfast/' })).toBe(overlaps);
  });

  it('stays out of bounds where it lies below a root', () => {
    expect(mediaDirectoryProblem('/srv/holdfast/x', { data, roots: '/srv' })).toBe(overlaps);
  });
});

describe('the demo’s folders', () => {
  const demo = '/srv/holdfast/demo';

  it.each(['/srv/holdfast/demo', '/srv/holdfast/demo/live/media', '/srv/holdfast/demo/'])(
    'are allowed: %s',
    (directory) => {
      expect(mediaDirectoryProblem(directory, { data, demo })).toBeNull();
    },
  );

  it('are allowed also outside the roots', () => {
    expect(mediaDirectoryProblem('/srv/holdfast/demo/live', { data, demo, roots: '/media' })).toBeNull();
  });

  it.each(['/srv/holdfast/demo/../storage', '/srv/holdfast/demo2', '/srv/holdfast', '/srv/holdfast/storage'])(
    'open nothing else: %s',
    (directory) => {
      expect(mediaDirectoryProblem(directory, { data, demo })).toBe(overlaps);
    },
  );
});

describe('the roots', () => {
  const roots = '/srv/media:/mnt/sites/';

  it.each(['/srv/media', '/srv/media/shop', '/mnt/sites', '/mnt/sites/a/b', '/tmp/../srv/media/x'])(
    'hold %s',
    (directory) => {
      expect(mediaDirectoryProblem(directory, { roots })).toBeNull();
    },
  );

  it.each(['/srv', '/', '/srv/media2', '/mnt', '/srv/media/..', '/srv/media/../secret', '/etc'])(
    'do not hold %s',
    (directory) => {
      expect(mediaDirectoryProblem(directory, { roots })).toBe(
        'Choose a folder below /srv/media or /mnt/sites/ (HOLDFAST_MEDIA_ROOTS) that is this project’s own, or ask the operator of Holdfast.',
      );
    },
  );

  it('may have empty places between them', () => {
    expect(mediaDirectoryProblem('/b', { roots: ':/a::/b:' })).toBeNull();
    expect(mediaDirectoryProblem('/c', { roots: ':/a::/b:' })).toContain('below /a or /b');
  });

  it('may be everything', () => {
    expect(mediaDirectoryProblem('/etc', { roots: '/' })).toBeNull();
  });
});
