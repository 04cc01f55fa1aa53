import { packIndexKey, packKey, type MediaPartDocument, type Place } from '#schema/domain';
import { orGiveUp } from '../../giveUp.js';
import { guardAgainstStall } from '../../stallGuard.js';
import { StepProblem } from '../../stepProblem.js';
import type { EngineStorage } from '../../storage/storage.js';
import type { ManifestTotals } from './manifestRules.js';
import { checkManifest } from './readManifest.js';

export interface VerifyMediaOrder {
  storage: EngineStorage;
  /** Of the backup: where its packs lie. */
  place: Place;
  part: MediaPartDocument;
  signal: AbortSignal;
  /** How long nothing may move. */
  stallMs: number;
}

/** What a media part was found to hold. */
export interface VerifiedMedia extends ManifestTotals {
  /** Bytes of its packs, what other backups need of them included. */
  packBytes: number;
}

const asksAtOnce = 16;
/** A tar without any entry. */
const leastPack = 1024;

/**
 * Looks whether a media part is there as a whole: its manifest is what was written and may be restored, and every pack
 * and index is in storage. No pack is read. Throws BACKUP_DAMAGED, naming what is wrong.
 */
export async function verifyMedia(order: VerifyMediaOrder): Promise<VerifiedMedia> {
  let steps = 0;
  const guard = guardAgainstStall({
    signal: order.signal,
    stallMs: order.stallMs,
    what: 'The look at the media of the backup',
    position: () => steps,
  });
  const { signal } = guard;
  try {
    return await orGiveUp(
      verify({ ...order, signal }, () => (steps += 1)),
      signal,
    );
  } catch (error: unknown) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    guard.release();
  }
}

async function verify(order: VerifyMediaOrder, onStep: () => void): Promise<VerifiedMedia> {
  const { part, signal } = order;
  const totals = await checkManifest(order, onStep);
  if (totals.bytes > 0 && part.packs.length === 0) {
    throw new StepProblem('BACKUP_DAMAGED', 'The backup names no packs for its media');
  }
  let packBytes = 0;
  for (let from = 0; from < part.packs.length; from += asksAtOnce) {
    signal.throwIfAborted();
    const sizes = await Promise.all(
      part.packs.slice(from, from + asksAtOnce).map((pack) => packSize(order, pack)),
    );
    packBytes += sizes.reduce((sum, size) => sum + size, 0);
    onStep();
  }
  return { ...totals, packBytes };
}

async function packSize({ storage, place }: VerifyMediaOrder, pack: string): Promise<number> {
  const [tar, index] = await Promise.all([
    storage.stat(packKey(place, pack)),
    storage.stat(packIndexKey(place, pack)),
  ]);
  if (!tar) throw new StepProblem('BACKUP_DAMAGED', `Pack ${pack} is no longer in the backup storage`);
  if (!index)
    throw new StepProblem('BACKUP_DAMAGED', `The index of pack ${pack} is no longer in the backup storage`);
  if (tar.size < leastPack || tar.size % 512 !== 0 || index.size === 0) {
    throw new StepProblem('BACKUP_DAMAGED', `Pack ${pack} is cut off in the backup storage`);
  }
  return tar.size;
}
