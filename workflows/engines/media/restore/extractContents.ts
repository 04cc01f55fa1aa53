import { createHash, hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { packKey } from '#schema/domain';
import { StepProblem } from '../../stepProblem.js';
import type { PackRows, PacksOrder } from './packRows.js';
import { pathInWords } from './pathRules.js';
import { PieceReader } from './pieceReader.js';
import type { StagingFile, StagingTree } from './stagingTree.js';
import type { WantedFiles } from './wantedFiles.js';

/** So much that nobody wants is read rather than asking anew. */
const gapBytes = 4 * 1024 * 1024;
const smallBytes = 1024 * 1024;
/** For so long everything else on the thread may have to wait. */
const breathMs = 20;

export interface ExtractOrder extends PacksOrder {
  /** Ids of the packs by their number. */
  packs: readonly string[];
  rows: PackRows;
  wanted: WantedFiles;
  tree: StagingTree;
  /** Called with the bytes of each piece that was written, 0 for empty files. */
  onBytes: (bytes: number) => void;
}

/**
 * Reads the wanted contents out of their packs, each pack from its beginning to its end, and writes the files that hold
 * them. A file counts only once its SHA-256 was found to be the manifest’s: else BACKUP_DAMAGED, naming it.
 */
export async function extractContents(order: ExtractOrder): Promise<void> {
  const { storage, place, packs, rows, signal } = order;
  const breath = breather(signal);
  for (const run of runsOf(order)) {
    const pack = packs[run.pack] ?? '';
    const stream = await storage.read(packKey(place, pack), {
      start: run.start,
      length: run.end - run.start,
    });
    if (!stream) throw new StepProblem('BACKUP_DAMAGED', `Pack ${pack} is no longer in the backup storage`);
    const reader = new PieceReader(stream);
    let position = run.start;
    try {
      for (const row of run.rows) {
        const [offset, size] = [rows.offsets[row] ?? 0, rows.sizes[row] ?? 0];
        // Waiting for what is here already takes longer than writing a small file.
        if (!reader.skipNow(offset - position)) await reader.skip(offset - position);
        position = offset + size;
        if (size > smallBytes) await writeLarge(order, row, size, reader);
        else {
          const content = reader.takeNow(size) ?? (await reader.take(size));
          for (const room of writeSmall(order, row, content)) {
            if (room) await room;
            order.onBytes(content.length);
            const waits = breath();
            if (waits) await waits;
          }
        }
        const waits = breath();
        if (waits) await waits;
      }
    } finally {
      reader.close();
    }
  }
}

/** Contents of one pack that are read in one go. */
interface Run {
  /** Its number. */
  pack: number;
  start: number;
  end: number;
  rows: Uint32Array;
}

function* runsOf({ rows, wanted }: ExtractOrder): Generator<Run> {
  const { packs, offsets, sizes } = rows;
  const at = (row: number) => offsets[row] ?? 0;
  const end = (row: number) => at(row) + (sizes[row] ?? 0);
  const sorted = Uint32Array.from({ length: rows.count }, (_, row) => row)
    .filter((row) => wanted.wants(row))
    .sort((a, b) => (packs[a] ?? 0) - (packs[b] ?? 0) || at(a) - at(b) || end(a) - end(b));
  for (let from = 0, to = 1; from < sorted.length; from = to, to += 1) {
    const first = sorted[from] ?? 0;
    let last = first;
    for (; to < sorted.length; to += 1) {
      const row = sorted[to] ?? 0;
      const gap = at(row) - end(last);
      if (packs[row] !== packs[first] || gap < 0 || gap > gapBytes) break;
      last = row;
    }
    yield { pack: packs[first] ?? 0, start: at(first), end: end(last), rows: sorted.subarray(from, to) };
  }
}

/** Writes the files of a content one by one; yields what is to be waited for after each, if anything. */
function* writeSmall(
  { rows, wanted, tree }: ExtractOrder,
  row: number,
  content: Buffer,
): Generator<void | Promise<void>, void> {
  const isWhole = content.length === rows.sizes[row];
  const isRight = isWhole && hash('sha256', content, 'buffer').equals(rows.hashOf(row));
  if (!isRight) throw damaged(wanted, row, isWhole);
  for (const file of wanted.of(row)) {
    yield tree.write(file, content);
  }
}

async function writeLarge(
  order: ExtractOrder,
  row: number,
  size: number,
  reader: PieceReader,
): Promise<void> {
  const { wanted, tree } = order;
  let first: StagingFile | null = null;
  try {
    for (const file of wanted.of(row)) {
      if (first) await first.repeat(file, order);
      else {
        first = tree.begin(file, size);
        await fill(first, order, row, size, reader);
      }
    }
  } finally {
    first?.close();
  }
}

async function fill(
  into: StagingFile,
  { rows, wanted, signal, onBytes }: ExtractOrder,
  row: number,
  size: number,
  reader: PieceReader,
): Promise<void> {
  const sha256 = createHash('sha256');
  for (let left = size; left > 0;) {
    const piece = await reader.next(left);
    signal.throwIfAborted();
    if (!piece) throw damaged(wanted, row, false);
    sha256.update(piece);
    const room = into.writeSparse(piece);
    if (room) await room;
    left -= piece.length;
    onBytes(piece.length);
  }
  if (!sha256.digest().equals(rows.hashOf(row))) throw damaged(wanted, row, true);
  await into.finish();
}

function damaged(wanted: WantedFiles, row: number, isWhole: boolean): StepProblem {
  const [file] = wanted.of(row);
  const what = isWhole
    ? 'is not what was written: its SHA-256 is another'
    : 'is cut off in the backup storage';
  return new StepProblem('BACKUP_DAMAGED', `The content of ${pathInWords(file?.path ?? '')} ${what}`);
}

/** Gives others their turn, now and then; throws where the signal has aborted meanwhile. */
function breather(signal: AbortSignal): () => Promise<void> | undefined {
  let breathedAt = performance.now();
  return () => {
    if (performance.now() - breathedAt < breathMs) return undefined;
    return setImmediate().then(() => {
      breathedAt = performance.now();
      signal.throwIfAborted();
    });
  };
}
