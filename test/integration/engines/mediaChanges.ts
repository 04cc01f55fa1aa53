import fc from 'fast-check';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { bytesBelow, pathsBelow } from './mediaHistory.js';

/** One change of a tree; numbers choose among what is there. */
export interface Change {
  kind:
    | 'create'
    | 'editInPlace'
    | 'rename'
    | 'copy'
    | 'delete'
    | 'chmod'
    | 'symlink'
    | 'hardlink'
    | 'makeFolder'
    | 'touch';
  which: number;
  /** A name, with one character for each byte. */
  name: string;
  seed: number;
  size: number;
}

// Names around the slash, in other cases, and of bytes that are not UTF-8.
const names = ['a', 'a-b', 'a.b', 'a0', 'b', 'B', 'é', '\u00ff\u00fe', 'c d', 'n\n', 'zz'].map((name) =>
  name === 'é' ? Buffer.from(name).toString('latin1') : name,
);

/** Any change of a tree. */
export const anyChange: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom<Change['kind'][]>(
    'create',
    'create',
    'editInPlace',
    'editInPlace',
    'rename',
    'copy',
    'delete',
    'chmod',
    'symlink',
    'hardlink',
    'makeFolder',
    'touch',
  ),
  which: fc.nat(),
  name: fc.constantFrom(...names),
  seed: fc.nat(6),
  size: fc.constantFrom(0, 1, 511, 512, 5_000, 70_000),
});

/** Makes a change; one that is not possible in this tree is none. */
export function apply(root: string, { kind, which, name, seed, size }: Change): void {
  const paths = pathsBelow(root);
  const folders = [
    '',
    ...paths.filter((path) => isKind(root, path, 'isDirectory')).map((path) => `${path}/`),
  ];
  const files = paths.filter((path) => isKind(root, path, 'isFile'));
  const at = (path: string) => bytesBelow(root, path);
  const into = `${folders[which % folders.length] ?? ''}${name}`;
  const entry = paths[which % paths.length];
  const file = files[which % files.length];
  const isFree = !paths.includes(into) && !existsSync(at(into));
  if (kind === 'create' && isFree) {
    writeFileSync(at(into), bytesFrom(seed, size));
    // A time that can be put back exactly.
    utimesSync(at(into), 1_500_000_000, 1_500_000_000);
  }
  if (kind === 'makeFolder' && isFree) mkdirSync(at(into));
  if (kind === 'symlink') {
    if (!isFree && isKind(root, into, 'isDirectory')) return;
    rmSync(at(into), { force: true });
    symlinkSync(`target-${seed}`, at(into));
  }
  if (entry !== undefined) {
    if (kind === 'rename' && isFree && !into.startsWith(`${entry}/`)) renameSync(at(entry), at(into));
    if (kind === 'delete') rmSync(at(entry), { recursive: true, force: true });
  }
  if (file === undefined) return;
  if (kind === 'copy' && isFree) copyFileSync(at(file), at(into));
  if (kind === 'hardlink' && isFree) linkSync(at(file), at(into));
  if (kind === 'chmod') chmodSync(at(file), seed % 2 === 0 ? 0o600 : 0o644);
  if (kind === 'touch') utimesSync(at(file), seed, 1_600_000_000 + seed);
  if (kind === 'editInPlace') {
    const { atime, mtime } = lstatSync(at(file));
    writeFileSync(at(file), bytesFrom(seed + 10, readFileSync(at(file)).length), { flag: 'r+' });
    utimesSync(at(file), atime, mtime);
  }
}

function isKind(root: string, path: string, kind: 'isFile' | 'isDirectory'): boolean {
  return lstatSync(bytesBelow(root, path), { throwIfNoEntry: false })?.[kind]() ?? false;
}

/** The same bytes for the same seed. */
function bytesFrom(seed: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0, state = seed + 1; i < size; i += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}
