import { hash } from 'node:crypto';
import { packKey } from '#schema/domain';
import { StepProblem } from '../../stepProblem.js';
import { PieceReader } from '../restore/pieceReader.js';
import type { ArchiveMediaOrder } from './archiveMediaOrder.js';
import { damaged, type ContentPlace } from './contentPlaces.js';

/** A content that is read together with others. */
export interface BatchedContent {
  place: ContentPlace;
  sha256: Buffer;
  /** Of the first file that has it, for sentences. */
  path: string;
  /** Where it goes in the batch’s memory. */
  at: number;
}

/** So much that nobody wants is read rather than asking anew. */
const gapBytes = 256 * 1024;
const readsAtOnce = 8;

/**
 * Reads contents into memory, what lies close together in one go, each compared with its SHA-256: else BACKUP_DAMAGED,
 * naming a file that has it.
 */
export async function readBatch(
  order: ArchiveMediaOrder,
  contents: BatchedContent[],
  into: Buffer,
  onStep: () => void,
): Promise<void> {
  const runs = runsOf(contents).values();
  const workers = Array.from({ length: readsAtOnce }, async () => {
    for (const run of runs) await readRun(order, run, into, onStep);
  });
  // All of them, so that nothing is under way any more.
  const ended = await Promise.allSettled(workers);
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
}

/** A stream of what lies somewhere in a pack; an abort ends it. */
export async function openPack(
  { storage, place, part, signal }: ArchiveMediaOrder,
  pack: number,
  range: { start: number; length: number },
): Promise<PieceReader> {
  signal.throwIfAborted();
  const id = part.packs[pack] ?? '';
  const stream = await storage.read(packKey(place, id), range);
  if (!stream) throw new StepProblem('BACKUP_DAMAGED', `Pack ${id} is no longer in the backup storage`);
  const stop = () => stream.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  stream.once('close', () => signal.removeEventListener('abort', stop));
  // Whoever reads hears of it; after that nobody does.
  stream.on('error', () => undefined);
  if (signal.aborted) stop();
  return new PieceReader(stream);
}

function runsOf(contents: BatchedContent[]): BatchedContent[][] {
  const sorted = contents.toSorted(
    (a, b) => a.place.pack - b.place.pack || a.place.offset - b.place.offset || a.place.size - b.place.size,
  );
  const runs: BatchedContent[][] = [];
  let last: ContentPlace | null = null;
  for (const content of sorted) {
    const { pack, offset } = content.place;
    const gap: number = last?.pack === pack ? offset - last.offset - last.size : -1;
    if (gap >= 0 && gap <= gapBytes) runs.at(-1)?.push(content);
    else runs.push([content]);
    last = content.place;
  }
  return runs;
}

async function readRun(
  order: ArchiveMediaOrder,
  run: BatchedContent[],
  into: Buffer,
  onStep: () => void,
): Promise<void> {
  const [first, last] = [run[0]?.place, run.at(-1)?.place];
  if (!first || !last) return;
  let position = first.offset;
  const reader = await openPack(order, first.pack, {
    start: position,
    length: last.offset + last.size - position,
  });
  try {
    for (const content of run) {
      const { offset, size } = content.place;
      await reader.skip(offset - position);
      await readContent(reader, content, into);
      position = offset + size;
      onStep();
    }
  } finally {
    reader.close();
  }
}

async function readContent(reader: PieceReader, content: BatchedContent, into: Buffer): Promise<void> {
  const { place, at, sha256 } = content;
  for (let done = 0; done < place.size;) {
    const piece = await reader.next(place.size - done);
    if (!piece) throw damaged(content, 'is cut off in the backup storage');
    done += piece.copy(into, at + done);
  }
  const bytes = into.subarray(at, at + place.size);
  if (!hash('sha256', bytes, 'buffer').equals(sha256)) {
    throw damaged(content, 'is not what was written: its SHA-256 is another');
  }
}
