import { createHash } from 'node:crypto';
import { gunzippedLines } from '../restore/gunzippedLines.js';
import { tarEnd, tarPadding } from '../tarEntry.js';
import { archiveHeader, manifestHeader } from './archiveHeader.js';
import type { ArchiveLimits, ArchiveMediaOrder } from './archiveMediaOrder.js';
import { archiveSteps, type ArchiveStep } from './archiveSteps.js';
import { openPack, readBatch } from './batchContents.js';
import { damaged } from './contentPlaces.js';
import { PieceFiller } from './pieceFiller.js';

type BatchStep = Extract<ArchiveStep, { kind: 'batch' }>;
type LargeStep = Extract<ArchiveStep, { kind: 'large' }>;

/** A step whose contents are on their way. */
type BegunStep = LargeStep | (BatchStep & { read: Promise<Buffer> });

const stepsAhead = 2;

/** The bytes of an archive, from its first to its last; contents are read ahead of what is written. */
export async function* archivePieces(
  order: ArchiveMediaOrder,
  manifestBytes: number,
  limits: ArchiveLimits,
  onStep: () => void,
): AsyncGenerator<Buffer> {
  const filler = new PieceFiller();
  yield* manifest(order, manifestBytes, filler);
  for await (const step of begunAhead(order, limits, onStep)) {
    if (step.kind === 'large') yield* largeFile(order, step, filler);
    else yield* batch(step, filler);
  }
  for (const piece of filler.add(tarEnd)) yield piece;
  for (const piece of filler.end()) yield piece;
}

async function* manifest(
  { storage, part, signal }: ArchiveMediaOrder,
  size: number,
  filler: PieceFiller,
): AsyncGenerator<Buffer> {
  const what = 'The manifest of the media';
  for (const piece of filler.add(manifestHeader(size))) yield piece;
  for await (const lines of gunzippedLines({ storage, key: part.key, sha256: part.sha256, what, signal })) {
    for (const piece of filler.add(Buffer.from(`${lines.join('\n')}\n`))) yield piece;
  }
  for (const piece of filler.add(tarPadding(size))) yield piece;
}

/** Begins the reading of what comes next while what came before is written. */
async function* begunAhead(
  order: ArchiveMediaOrder,
  limits: ArchiveLimits,
  onStep: () => void,
): AsyncGenerator<BegunStep> {
  const steps = archiveSteps(order, limits, onStep);
  const begun: BegunStep[] = [];
  try {
    for (let isEnd = false; ;) {
      while (!isEnd && begun.length < stepsAhead) {
        const next = await steps.next();
        if (next.done) isEnd = true;
        else begun.push(begin(order, next.value, onStep));
      }
      const first = begun.shift();
      if (!first) return;
      yield first;
    }
  } finally {
    await steps.return(undefined);
    // What was begun ends before anything else is done with the storage.
    await Promise.allSettled(begun.map((step) => (step.kind === 'batch' ? step.read : null)));
  }
}

function begin(order: ArchiveMediaOrder, step: ArchiveStep, onStep: () => void): BegunStep {
  if (step.kind === 'large') return step;
  const into = Buffer.allocUnsafeSlow(step.bytes);
  const read = readBatch(order, step.contents, into, onStep).then(() => into);
  // It is thrown when its turn comes, which it may not.
  read.catch(() => undefined);
  return { ...batchOf(step), read };
}

/** A step’s own fields, which a class may keep elsewhere than a spread looks. */
function batchOf({ kind, entries, starts, contents, bytes }: BatchStep): BatchStep {
  return { kind, entries, starts, contents, bytes };
}

async function* batch(
  { entries, starts, read }: BatchStep & { read: Promise<Buffer> },
  filler: PieceFiller,
): AsyncGenerator<Buffer> {
  const contents = await read;
  for (const [number, entry] of entries.entries()) {
    for (const piece of filler.add(archiveHeader(entry))) yield piece;
    if (entry.kind !== 'file') continue;
    const start = starts[number] ?? 0;
    for (const piece of filler.add(contents.subarray(start, start + entry.size))) yield piece;
    for (const piece of filler.add(tarPadding(entry.size))) yield piece;
  }
}

async function* largeFile(
  order: ArchiveMediaOrder,
  { entry, place }: LargeStep,
  filler: PieceFiller,
): AsyncGenerator<Buffer> {
  for (const piece of filler.add(archiveHeader(entry))) yield piece;
  const reader = await openPack(order, place.pack, { start: place.offset, length: place.size });
  const sha256 = createHash('sha256');
  try {
    for (let left = place.size; left > 0;) {
      const read = await reader.next(left);
      if (!read) throw damaged(entry, 'is cut off in the backup storage');
      sha256.update(read);
      left -= read.length;
      for (const piece of filler.add(read)) yield piece;
    }
  } finally {
    reader.close();
  }
  if (!sha256.digest().equals(entry.sha256)) {
    throw damaged(entry, 'is not what was written: its SHA-256 is another');
  }
  for (const piece of filler.add(tarPadding(entry.size))) yield piece;
}
