import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FolderTree, type Listed, type Planned } from '../../../workflows/engines/media/bucket/folderTree.js';
import { HeldListing } from '../../../workflows/engines/media/bucket/heldListing.js';

const object = (key: string | Buffer, size = 1): Listed => ({
  path: Buffer.from(key).toString('latin1'),
  size,
  etag: '"e"',
  mtimeMs: 5,
});

/** What a bucket with these objects becomes. */
function plan(objects: Listed[]): Planned[] {
  const listing = new HeldListing();
  const tree = new FolderTree();
  for (const each of objects) {
    listing.add(each);
    tree.note(each);
  }
  listing.end();
  return [...tree.plan(listing)];
}

const pathOf = (planned: Planned) => (planned.kind === 'file' ? planned.listed.path : planned.path);
const inWords = (planned: Planned[]) =>
  planned.map((each) => `${each.kind} ${Buffer.from(pathOf(each), 'latin1').toString('utf8')}`);

describe('the keys of a bucket as a tree of folders', () => {
  test('have the folders that their slashes tell of, in the byte order of paths', () => {
    expect(inWords(plan([object('a-b'), object('a/b/c'), object('a/é'), object('a0')]))).toEqual([
      'directory a',
      'file a-b',
      'directory a/b',
      'file a/b/c',
      'file a/é',
      'file a0',
    ]);
  });

  test('have the folders that empty keys with a slash at the end stand for, with their time', () => {
    const planned = plan([object('a-b'), object('a/', 0), object('b/c/', 0), object('d/', 0), object('d/e')]);
    expect(inWords(planned)).toEqual([
      'directory a',
      'file a-b',
      'directory b',
      'directory b/c',
      'directory d',
      'file d/e',
    ]);
    expect(planned.flatMap((each) => (each.kind === 'directory' ? [each.mtimeMs] : []))).toEqual([
      5,
      null,
      5,
      5,
    ]);
  });

  test('the marker of the prefix itself is nothing', () => {
    expect(plan([object('', 0)])).toEqual([]);
  });

  test.each([
    ['a//b', 'has an empty name between its slashes'],
    ['/a', 'has an empty name between its slashes'],
    ['../a', 'has “.” or “..” as a name'],
    ['a/./b', 'has “.” or “..” as a name'],
    ['a/..', 'has “.” or “..” as a name'],
    ['a/', 'ends in “/” although it has content'],
    ['', 'ends in “/” although it has content'],
    ['a\0b', 'has a zero byte in its name'],
    [Buffer.from([0x61, 0xff]), 'has a name that is not UTF-8, so S3 cannot be asked for it'],
  ])('%j cannot be in it', (key, problem) => {
    expect(plan([object(key)])).toEqual([
      { kind: 'problem', path: Buffer.from(key).toString('latin1'), mtimeMs: 5, problem },
    ]);
  });

  test('a name of both a file and a folder is the folder’s, where that holds files', () => {
    expect(inWords(plan([object('a'), object('a-b'), object('a/b')]))).toEqual([
      'directory a',
      'problem a',
      'file a-b',
      'file a/b',
    ]);
  });

  test('and the file’s where it does not', () => {
    expect(inWords(plan([object('a'), object('a-b'), object('a/', 0), object('a/b/', 0)]))).toEqual([
      'file a',
      'file a-b',
      'problem a/',
      'problem a/b/',
    ]);
  });

  test('are put in order where they come in none, and each once', () => {
    expect(inWords(plan([object('b'), object('a/c'), object('a-b'), object('b')]))).toEqual([
      'directory a',
      'file a-b',
      'file a/c',
      'file b',
    ]);
  });

  test('whatever they are: every object is told of once, in order, and every file has its folders', () => {
    const name = fc.constantFrom('', '.', '..', 'a', 'a-', 'b', 'é', 'a b');
    const key = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
    const objects = fc.uniqueArray(fc.tuple(key, fc.constantFrom(0, 1)), { selector: ([each]) => each });
    fc.assert(
      fc.property(objects, (given) => {
        const planned = plan(given.map(([each, size]) => object(each, size)));
        const paths = planned.map(pathOf);
        expect(paths).toEqual([...paths].sort());
        const told = new Map(planned.map((each) => [`${each.kind} ${pathOf(each)}`, each]));
        expect(told.size).toBe(planned.length);
        for (const [each, size] of given) {
          const path = Buffer.from(each).toString('latin1');
          const isMarker = size === 0 && (path === '' || path.endsWith('/'));
          const as = isMarker ? `directory ${path.slice(0, -1)}` : `file ${path}`;
          const isTold = told.has(as) || told.has(`problem ${path}`) || path === '';
          expect([each, isTold]).toEqual([each, true]);
        }
        for (const path of planned.flatMap((each) => (each.kind === 'file' ? [each.listed.path] : []))) {
          for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
            expect(told.has(`directory ${path.slice(0, end)}`)).toBe(true);
            expect(told.has(`file ${path.slice(0, end)}`)).toBe(false);
          }
        }
      }),
    );
  });
});
