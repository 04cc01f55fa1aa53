import { createHash } from 'node:crypto';
import { replacedPrefix, stagedPrefix } from '../../reservedNames.js';
import { shortened } from '../restorePlaces.js';

/**
 * Where in a bucket a restore stages: what keys go on with behind the prefix of the media. It lies below that prefix
 * because rights are given by prefix. Short, because keys are: `mark` is `<run>-<attempt>`.
 */
export function stagedAreaOf(restoreId: string, mark: string): string {
  const own = createHash('sha256').update(mark).digest('hex').slice(0, 8);
  return `${stagedAreasOf(restoreId)}${own}/`;
}

/** What every staged area of a restore begins with, whichever attempt made it. */
export function stagedAreasOf(restoreId: string): string {
  return `${stagedPrefix}${shortened(restoreId)}-`;
}

/**
 * Beside a staged area: where contents lie until all is staged whose own names can be no keys, to be copied from. It
 * belongs to the restore’s staged areas, and no file that is restored can be staged there.
 */
export function namelessAreaOf(staged: string): string {
  return `${bothAreasOf(staged)}-nameless/`;
}

/** What a staged area and the one beside it begin with, and no other does. */
export function bothAreasOf(staged: string): string {
  return staged.slice(0, -1);
}

/** Where what a restore replaces is kept. */
export function oldAreaOf(restoreId: string): string {
  return `${replacedPrefix}${shortened(restoreId)}/`;
}

/** The journal of the switch, beside what is kept: no object of the media can have that name. */
export function journalPathOf(old: string): string {
  return `${old.slice(0, -1)}.json`;
}
