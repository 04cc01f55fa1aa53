import { Readable } from 'node:stream';
import type { DatabaseAddress } from '#schema/catalogue';
import { pour } from '../pour.js';
import { run, type ProgramExit, type RunningProgram } from '../run.js';
import { StepProblem } from '../stepProblem.js';
import type { CopyCounter } from './copyCounter.js';
import { conninfo, libpqEnvironment } from './environment.js';
import { lockProblem } from './lockHolder.js';
import { dumpProblem } from './problem.js';
import { lastWords } from './serverWords.js';
import type { ToolSet } from './tools.js';

export interface ArchiveOrder {
  address: DatabaseAddress;
  tools: ToolSet;
  applicationName: string;
  snapshotId: string | null;
  lockWaitMs: number;
  signal: AbortSignal;
  /** Takes in the rows as the archive is read back. */
  counter: CopyCounter;
  /** Bytes of the archive so far. */
  onBytes: (total: number) => void;
}

/** An archive under way. */
export interface Archive {
  /** Ends without an error only where the archive is whole and was read back to its end. */
  stream: Readable;
  /** Settles once both programs are gone. */
  gone: Promise<unknown>;
}

/** Runs pg_dump and, beside it, pg_restore over the very same bytes: the slower of all who read sets the pace. */
export function startArchive(order: ArchiveOrder): Archive {
  const { address, tools, applicationName, signal, counter } = order;
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
    env: libpqEnvironment(address, { applicationName }),
    signal,
  });
  const restore = run({
    program: tools.pgRestore,
    args: ['--format=custom', '--section=data', '--file=-'],
    stdin: 'pipe',
    signal,
  });
  const counted = count(restore.stdout, counter);
  counted.catch(() => undefined);
  const stream = Readable.from(checked(order, dump, restore, counted), {
    objectMode: false,
    highWaterMark: 256 * 1024,
  });
  return { stream, gone: Promise.allSettled([dump.exit, restore.exit, counted]) };
}

async function* checked(
  { address, onBytes }: ArchiveOrder,
  dump: RunningProgram,
  restore: RunningProgram,
  counted: Promise<void>,
): AsyncGenerator<Buffer> {
  let total = 0;
  let readBack = true;
  for await (const chunk of dump.stdout as AsyncIterable<Buffer>) {
    if (restore.stdin && readBack)
      readBack = await pour(restore.stdin, chunk).then(
        () => true,
        () => false,
      );
    if (!readBack) break;
    total += chunk.length;
    onBytes(total);
    yield chunk;
  }
  restore.stdin?.end();
  const [dumped, restored] = await Promise.all([dump.exit, restore.exit]);
  if (readBack) await requireDump(address, dumped);
  const counting = await counted.then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (!readBack || restored.code !== 0 || counting !== null) {
    const words = lastWords(restored.stderrTail) || counting || 'it stopped before its end';
    throw new StepProblem(
      'DATABASE_DUMP_FAILED',
      `What pg_dump wrote could not be read back by pg_restore: ${words}`,
    );
  }
}

async function requireDump(
  address: DatabaseAddress,
  { code, signal, stderrTail }: ProgramExit,
): Promise<void> {
  if (code === 0) return;
  // Nothing that pg_dump reports: the machine ran out of memory, or somebody ended it.
  if (signal !== null) throw new StepProblem('INTERNAL', `pg_dump was ended from outside (${signal})`);
  const problem = dumpProblem(address, stderrTail);
  throw problem.code === 'DATABASE_LOCKED' ? await lockProblem(address) : problem;
}

async function count(script: Readable, counter: CopyCounter): Promise<void> {
  for await (const chunk of script as AsyncIterable<Buffer>) counter.push(chunk);
  counter.end();
}
