import { lstatSync, mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { dirname } from 'node:path';
import { systemCode } from '../../systemCode.js';
import { namesIn } from '../folder/namesIn.js';
import { isReserved } from '../reservedNames.js';
import { strange, type FolderSwitch, type Switched } from './folderSwitch.js';
import { HeldTree } from './heldTree.js';
import { folderIno } from './restorePlaces.js';
import { journalName, readSwitch, writeSwitch, type SwitchState, type Toward } from './switchJournal.js';
import { syncFolder } from './syncTree.js';

/** So many entries are moved before others on the thread have their turn. */
const movesAtOnce = 500;

/**
 * Switches by moving the entries of the folders, one after the other, so that the live folder itself stays. What the
 * journal says decides how to go on; what somebody puts into the live folder meanwhile is kept with what is replaced.
 */
export async function switchEntries(order: FolderSwitch, toward: Toward): Promise<Switched> {
  const { live, staged, old, liveIno, stagedIno } = order;
  if (folderIno(live) !== liveIno) throw strange(live);
  const before = readSwitch(old);
  let state = goOn(before, toward);
  if (state === null) return 'already';
  // Nothing is known of this switch: then all that is to come has to be there.
  if (before === null && folderIno(staged) !== stagedIno) throw strange(staged);
  const write = (next: SwitchState) => {
    order.onDeed?.(`journal ${next.toward} ${next.phase}`);
    writeSwitch(old, next);
    state = next;
  };
  makeFolder(order, old);
  makeFolder(order, staged);
  if (state.toward !== before?.toward || state.phase !== before.phase) write(state);
  const [away, arriving] = toward === 'new' ? [old, staged] : [staged, old];
  if (state.phase === 'out') {
    await moveAll(order, live, away, null);
    write({ toward, phase: 'in' });
  }
  await moveAll(order, arriving, live, away);
  write({ toward, phase: 'done' });
  if (toward === 'new') removeEmpty(order, staged);
  return 'switched';
}

/** Where to begin, by what was being done; null where all is done. */
function goOn(before: SwitchState | null, toward: Toward): SwitchState | null {
  if (before === null) return toward === 'new' ? { toward, phase: 'out' } : null;
  if (before.toward === toward) return before.phase === 'done' ? null : before;
  if (before.phase === 'done') return { toward, phase: 'out' };
  // What was moved out is still the other data, and what was moved in is all that has to go.
  return { toward, phase: before.phase === 'out' ? 'in' : 'out' };
}

/** Moves every entry; what has the same name there is put aside, or where nothing may be put aside, keeps its name. */
async function moveAll(
  { onDeed }: FolderSwitch,
  from: string,
  to: string,
  aside: string | null,
): Promise<void> {
  const [source, target, rest] = [from, to, aside].map((path) => (path === null ? null : new HeldTree(path)));
  if (!source || !target) return;
  try {
    let count = 0;
    for (const name of namesIn(source.at('.'))) {
      if (isReserved(name) || name.startsWith(journalName)) continue;
      const move = (tree: HeldTree, into: HeldTree, as: string) => {
        onDeed?.(`move ${name}`);
        renameSync(tree.at(name), into.at(as));
      };
      if (rest && isThere(target, name)) move(target, rest, freeName(rest, name));
      move(source, target, rest ? name : freeName(target, name));
      if ((count += 1) % movesAtOnce === 0) await setImmediate();
    }
  } finally {
    for (const tree of [source, target, rest]) tree?.close();
  }
  onDeed?.('make it durable');
  for (const path of [to, from, aside]) if (path !== null) syncFolder(path);
}

function isThere(tree: HeldTree, name: string): boolean {
  return lstatSync(tree.at(name), { throwIfNoEntry: false }) !== undefined;
}

/** The name itself, or one that nobody has: entries that came twice are both kept. */
function freeName(tree: HeldTree, name: string): string {
  let free = name;
  for (let number = 2; isThere(tree, free); number += 1) free = `${name.slice(0, 240)}.${number}`;
  return free;
}

function makeFolder({ onDeed }: FolderSwitch, path: string): void {
  if (folderIno(path) !== null) return;
  onDeed?.(`make ${path}`);
  mkdirSync(path, 0o700);
  syncFolder(dirname(path));
}

function removeEmpty({ onDeed }: FolderSwitch, path: string): void {
  onDeed?.(`remove ${path}`);
  try {
    rmdirSync(path);
  } catch (error: unknown) {
    // What an earlier switch has left in it belongs to whoever removes it.
    if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST' && systemCode(error) !== 'ENOENT')
      throw error;
  }
}
