import { Readable } from 'node:stream';
import type { DatabaseAddress } from '#schema/catalogue';
import type { Pace } from '../pace.js';
import { pour } from '../pour.js';
import { run, type ProgramExit, type RunningProgram } from '../run.js';
import { StepProblem } from '../stepProblem.js';
import { preloading } from './accelerator/findAccelerator.js';
import type { CopyCounter } from './copyCounter.js';
import { conninfo, libpqEnvironment } from './environment.js';
import { lockProblem } from './lockHolder.js';
import { dumpProblem } from './problem.js';
import { lastWords } from './serverWords.js';
import type { ToolSet } from './tools.js';

export interface ArchiveOrder {
  address: DatabaseAddress;
  tools: ToolSet;
  /** What compresses in zlib’s place; null: zlib. */
  accelerator: string | null;
  applicationName: string;
  snapshotId: string | null;
  lockWaitMs: number;
  /** How much the programs give way to others, 0 to 19. */
  nice: number;
  /** How fast rows are read; null: as fast as can be. */
  pace: Pace | null;
  signal: AbortSignal;
  /** Takes in the rows as the archive is read back. */
  counter: CopyCounter;
  /** Bytes of the archive so far. */
  onBytes: (total: number) => void;
  /** Called whenever rows have been read back. */
  onRead: () => void;
}

/** An archive under way. */
export interface Archive {
  /** Ends without an error only where the archive is whole and was read back to its end. */
  stream: Readable;
  /** Settles once both programs are gone. */
  gone: Promise<unknown>;
}

/** That pg_dump crashed, or that what it wrote is no archive: it may be due to what was preloaded. */
export class BrokenArchive extends StepProblem {}

/** How a program ends that did something wrong, and that nobody ended. */
const crashes: ReadonlySet<string | null> = new Set(['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGABRT']);

/** Small pieces on their way to many who read them are gathered first. */
const batchBytes = 128 * 1024;

/** Runs pg_dump and, beside it, pg_restore over the very same bytes: the slower of all who read sets the pace. */
export function startArchive(order: ArchiveOrder): Archive {
  const { address, tools, accelerator, applicationName, nice, signal } = order;
  const accelerated = accelerator === null ? {} : preloading(accelerator);
  const dump = run({
    program: tools.pgDump,
    args: [
      '--format=custom',
      '--compress=1',
      '--no-password',
      `--lock-wait-timeout=${order.lockWaitMs}`,
      ...(order.snapshotId === null ? [] : [`--snapshot=${order.snapshotId}`]),
      `--dbname=${conninfo(address.database)}`,
    ],
    env: { ...libpqEnvironment(address, { applicationName }), ...accelerated },
    nice,
    signal,
  });
  const counting = new Counting(order);
  const restore = run({
    program: tools.pgRestore,
    args: ['--format=custom', '--section=data', '--file=-'],
    env: accelerated,
    stdin: 'pipe',
    nice,
    onStdout: (piece) => counting.push(piece),
    signal,
  });
  const stream = Readable.from(checked(order, dump, restore, counting), {
    objectMode: false,
    highWaterMark: 2 * batchBytes,
  });
  return { stream, gone: Promise.allSettled([dump.exit, restore.exit]) };
}

async function* checked(
  { address, counter, pace, signal, onBytes }: ArchiveOrder,
  dump: RunningProgram,
  restore: RunningProgram,
  counting: Counting,
): AsyncGenerator<Buffer> {
  let total = 0;
  let rowBytes = 0;
  let readBack = true;
  for await (const batch of batches(dump.stdout)) {
    if (restore.stdin)
      readBack = await pour(restore.stdin, batch).then(
        () => true,
        () => false,
      );
    if (!readBack) break;
    total += batch.length;
    onBytes(total);
    yield batch;
    // What comes out again is what was read, uncompressed.
    await pace?.turn(counter.bytes - rowBytes, signal);
    rowBytes = counter.bytes;
  }
  restore.stdin?.end();
  const [dumped, restored] = await Promise.all([dump.exit, restore.exit]);
  if (readBack) await requireDump(address, dumped);
  const miscounted = counting.end();
  if (!readBack || restored.code !== 0 || miscounted !== null) {
    const words = lastWords(restored.stderrTail) || miscounted || 'it stopped before its end';
    const what = `What pg_dump wrote could not be read back by pg_restore: ${words}`;
    const wasEnded = restored.signal !== null && !crashes.has(restored.signal);
    throw wasEnded
      ? new StepProblem('DATABASE_DUMP_FAILED', what)
      : new BrokenArchive('DATABASE_DUMP_FAILED', what);
  }
}

async function* batches(source: Readable): AsyncGenerator<Buffer> {
  let batch: Buffer[] = [];
  let length = 0;
  for await (const piece of source as AsyncIterable<Buffer>) {
    batch.push(piece);
    length += piece.length;
    if (length < batchBytes) continue;
    yield Buffer.concat(batch, length);
    batch = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(batch, length);
}

/** Counts what pg_restore writes, and keeps what was wrong with it for the end. */
class Counting {
  private problem: string | null = null;

  constructor(private readonly order: ArchiveOrder) {}

  push(piece: Buffer): void {
    this.attempt(() => this.order.counter.push(piece));
    this.order.onRead();
  }

  /** What was wrong, or null. */
  end(): string | null {
    this.attempt(() => this.order.counter.end());
    return this.problem;
  }

  private attempt(work: () => void): void {
    if (this.problem !== null) return;
    try {
      work();
    } catch (error: unknown) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }
}

async function requireDump(
  address: DatabaseAddress,
  { code, signal, stderrTail }: ProgramExit,
): Promise<void> {
  if (code === 0) return;
  if (crashes.has(signal)) throw new BrokenArchive('INTERNAL', `pg_dump crashed (${signal})`);
  // Nothing that pg_dump reports: the machine ran out of memory, or somebody ended it.
  if (signal !== null) throw new StepProblem('INTERNAL', `pg_dump was ended from outside (${signal})`);
  const problem = dumpProblem(address, stderrTail);
  throw problem.code === 'DATABASE_LOCKED' ? await lockProblem(address) : problem;
}
