import type { Listed } from '../../bucket/folderTree.js';

/** A path of one area or of both. */
interface Pair {
  path: string;
  isLeaving: boolean;
  isComing: boolean;
  /** The path that is coming next. */
  ahead: string | null;
}

/** The paths of what is to go and do not come back: these are to be deleted. */
export function* onlyLeaving(leaving: Iterable<Listed>, coming: Iterable<Listed>): Generator<string> {
  for (const { path, isComing, ahead } of pairsOf(leaving, coming)) {
    // An object that stands for a folder may stay as long as the folder does.
    const isStillFolder = path.endsWith('/') && ahead !== null && ahead.startsWith(path);
    if (!isComing && !isStillFolder) yield path;
  }
}

/**
 * Those of them that are in the way of what comes: a provider that keeps objects as files cannot hold `a` and `a/b` at
 * once. They have to go first.
 */
export function* inTheWay(leaving: Iterable<Listed>, coming: Iterable<Listed>): Generator<string> {
  // What the following may lie below.
  let open: Array<{ path: string; isComing: boolean; isTold: boolean }> = [];
  for (const { path, isComing } of pairsOf(leaving, coming)) {
    open = open.filter((above) => path <= `${above.path}/` || path.startsWith(`${above.path}/`));
    for (const above of open.filter((each) => path.startsWith(`${each.path}/`))) {
      if (above.isComing === isComing) continue;
      if (above.isComing) yield path;
      else if (!above.isTold) yield above.path;
      above.isTold = true;
    }
    open.push({ path, isComing, isTold: false });
  }
}

/** What is live after a replacement, and what was to be. */
interface Outcome {
  live: Iterable<Listed>;
  coming: Iterable<Listed>;
  leaving: Iterable<Listed>;
}

/**
 * Whether all that was to come is live as it was copied, and nothing that was to go. `byTag` compares contents by their
 * tags as well: those of equal contents are equal, but for providers that give each copy its own.
 */
export function isReplaced({ live, coming, leaving }: Outcome, byTag: boolean): boolean {
  for (const [wanted, found] of beside(coming, live)) {
    if (found?.size !== wanted.size) return false;
    if (byTag && found.etag !== null && wanted.etag !== null && found.etag !== wanted.etag) return false;
  }
  const gone = objectsAmong(onlyLeaving(leaving, coming));
  for (const [, found] of beside(gone, live)) if (found) return false;
  return true;
}

/** What stands for folders may stay where somebody put something into them. */
function* objectsAmong(paths: Iterable<string>): Generator<{ path: string }> {
  for (const path of paths) if (!path.endsWith('/')) yield { path };
}

/** Each with what others have at its path, if anything; both in the order of paths. */
function* beside<Item extends { path: string }>(
  items: Iterable<Item>,
  others: Iterable<Listed>,
): Generator<[Item, Listed | null]> {
  const left = others[Symbol.iterator]();
  let other = left.next();
  for (const item of items) {
    while (!other.done && other.value.path < item.path) other = left.next();
    yield [item, !other.done && other.value.path === item.path ? other.value : null];
  }
}

function* pairsOf(leaving: Iterable<Listed>, coming: Iterable<Listed>): Generator<Pair> {
  const [leavers, comers] = [leaving[Symbol.iterator](), coming[Symbol.iterator]()];
  let [leaver, comer] = [leavers.next(), comers.next()];
  while (!leaver.done || !comer.done) {
    const [from, to] = [leaver.done ? null : leaver.value.path, comer.done ? null : comer.value.path];
    const path = to === null || (from !== null && from < to) ? (from ?? '') : to;
    const [isLeaving, isComing] = [from === path, to === path];
    if (isLeaving) leaver = leavers.next();
    if (isComing) comer = comers.next();
    yield { path, isLeaving, isComing, ahead: comer.done ? null : comer.value.path };
  }
}
