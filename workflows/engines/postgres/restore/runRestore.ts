import { rm, writeFile } from 'node:fs/promises';
import type { DatabaseAddress } from '#schema/catalogue';
import { run } from '../../run.js';
import { conninfo, libpqEnvironment } from '../environment.js';
import type { ToolSet } from '../tools.js';
import { restoreProblem } from './restoreProblem.js';

/** A parallel pg_restore of a local file into an empty database. */
export interface RunRestoreOrder {
  /** Of the empty database. */
  address: DatabaseAddress;
  tools: ToolSet;
  file: string;
  /** Ids of the entries to restore, in order; null: all. */
  dumpIds: number[] | null;
  /** Whether tablespaces that the dump names are used. */
  tablespaces: boolean;
  /** Connections at a time, at least 2. */
  jobs: number;
  nice: number;
  applicationName: string;
  signal: AbortSignal;
  /** Called as each entry has been restored. */
  onFinished: (dumpId: number) => void;
}

/** Restores all but owners and grants; the first error ends it and is thrown as a `StepProblem`. */
export async function runRestore(order: RunRestoreOrder): Promise<void> {
  const { address, tools, file, dumpIds, jobs, nice, applicationName, signal } = order;
  const listFile = `${file}.list`;
  if (dumpIds) await writeFile(listFile, dumpIds.map((dumpId) => `${dumpId};\n`).join(''), { mode: 0o600 });
  const finished = finishedEntries(order.onFinished);
  try {
    const { exit } = run({
      program: tools.pgRestore,
      args: [
        '--format=custom',
        '--exit-on-error',
        '--verbose',
        `--jobs=${Math.max(2, jobs)}`,
        '--no-owner',
        '--no-acl',
        '--no-subscriptions',
        '--no-password',
        ...(order.tablespaces ? [] : ['--no-tablespaces']),
        ...(dumpIds ? [`--use-list=${listFile}`] : []),
        `--dbname=${conninfo(address.database)}`,
        file,
      ],
      env: libpqEnvironment(address, { applicationName }),
      nice,
      onStderr: finished,
      signal,
    });
    const { code, stderrTail } = await exit;
    signal.throwIfAborted();
    if (code !== 0) throw restoreProblem(address, 'pg_restore', stderrTail);
  } finally {
    await rm(listFile, { force: true });
  }
}

/** Hears which entries the program says it has finished. */
function finishedEntries(onFinished: (dumpId: number) => void): (piece: Buffer) => void {
  let rest = '';
  return (piece) => {
    const lines = (rest + piece.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      // Several processes write: one may begin a line that another ends.
      const dumpId = /: finished item (\d+) /.exec(line)?.[1];
      if (dumpId !== undefined) onFinished(Number(dumpId));
    }
  };
}
