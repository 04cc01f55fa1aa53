import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseAddress } from '#schema/catalogue';
import { pour } from '../../pour.js';
import { run, type RunningProgram } from '../../run.js';
import { StepProblem } from '../../stepProblem.js';
import { conninfo, libpqEnvironment } from '../environment.js';
import type { ToolSet } from '../tools.js';
import { becameOf } from './inPlaceTransaction.js';
import { restoreProblem } from './restoreProblem.js';
import { withoutCommit } from './scriptOfDump.js';

/** The script of a dump on its way from pg_restore into psql, with what is said before and after it. */
export interface PourOrder {
  address: DatabaseAddress;
  tools: ToolSet;
  file: string;
  /** Names the entries to restore; null: all. */
  listFile: string | null;
  /** Whether tablespaces that the dump names are used. */
  tablespaces: boolean;
  /** Begins the transaction, and prints its number. */
  before: string;
  after: Iterable<string>;
  /** Hears the transaction’s number before its commit is asked for; where it rejects, nothing is committed. */
  onCommitting: (transaction: string) => Promise<void>;
  nice: number;
  applicationName: string;
  signal: AbortSignal;
  onPiece: (piece: Buffer) => void;
}

/** That somebody held a lock for too long. */
export class Locked extends Error {}

const longestWords = 256 * 1024;
const lookEveryMs = 50;

/** Answers with what psql said on stderr; rejects where the transaction was not committed. */
export async function pourThrough(order: PourOrder): Promise<string> {
  const { address, signal } = order;
  const { psql, heard } = startPsql(order);
  let isCommitSent = false;
  const pouring = async () => {
    const { stdin } = psql;
    if (!stdin) throw new Error('psql has no stdin');
    await pourScript(order, stdin);
    for (const statement of order.after) await pour(stdin, statement);
    await order.onCommitting(await numberOf(psql, heard, signal));
    isCommitSent = true;
    await pour(stdin, 'commit;\n');
    stdin.end();
  };
  const poured = await pouring().then(
    () => null,
    (error: unknown) => ({ error }),
  );
  // Where the input broke because psql had ended, psql knows why.
  if (poured && (poured.error instanceof StepProblem || !psql.stdin?.destroyed)) throw poured.error;
  const { code, stderrTail } = await psql.exit;
  signal.throwIfAborted();
  if (code === 0 && poured === null) return heard.errors;
  if (isCommitSent && (await wasCommitted(order, heard.printed))) return heard.errors;
  if (/: {2}55P03: /.test(stderrTail)) throw new Locked();
  throw restoreProblem(address, 'psql', stderrTail.replace(/^psql:<stdin>:\d+: /gm, ''));
}

/** Without a transaction of its own: what ends before the commit has been said is rolled back. */
function startPsql({ address, tools, nice, applicationName, signal }: PourOrder): {
  psql: RunningProgram;
  heard: { printed: string; errors: string };
} {
  const heard = { printed: '', errors: '' };
  const quiet = ['--no-psqlrc', '--quiet', '--no-align', '--tuples-only', '--no-password'];
  const psql = run({
    program: join(dirname(tools.pgRestore), 'psql'),
    args: [
      ...quiet,
      '--set=ON_ERROR_STOP=1',
      '--set=VERBOSITY=verbose',
      '--file=-',
      `--dbname=${conninfo(address.database)}`,
    ],
    env: libpqEnvironment(address, { applicationName }),
    stdin: 'pipe',
    nice,
    onStdout: (piece) => (heard.printed = (heard.printed + piece.toString('latin1')).slice(0, 1024)),
    onStderr: (piece) => (heard.errors = (heard.errors + piece.toString('utf8')).slice(-longestWords)),
    signal,
  });
  return { psql, heard };
}

async function pourScript(order: PourOrder, into: Writable): Promise<void> {
  const { address, tools, file, listFile, tablespaces, nice, signal } = order;
  const restore = run({
    program: tools.pgRestore,
    args: [
      '--format=custom',
      '--single-transaction',
      '--no-owner',
      '--no-acl',
      '--no-subscriptions',
      ...(tablespaces ? [] : ['--no-tablespaces']),
      ...(listFile === null ? [] : [`--use-list=${listFile}`]),
      '--file=-',
      file,
    ],
    nice,
    signal,
  });
  let isBegun = false;
  for await (const piece of withoutCommit(restore.stdout)) {
    if (!isBegun) await pour(into, order.before);
    isBegun = true;
    order.onPiece(piece);
    await pour(into, piece);
  }
  const { code, stderrTail } = await restore.exit;
  if (code !== 0 || !isBegun) throw restoreProblem(address, 'pg_restore', stderrTail);
}

/** The number is printed when the transaction begins, and so is there as soon as the server has got that far. */
async function numberOf(
  psql: RunningProgram,
  heard: { printed: string },
  signal: AbortSignal,
): Promise<string> {
  let hasEnded = false;
  void psql.exit.finally(() => (hasEnded = true)).catch(() => undefined);
  for (;;) {
    const number = /^\d+(?=\n)/.exec(heard.printed)?.[0];
    if (number !== undefined) return number;
    // Why, it has said itself.
    if (hasEnded) throw new Error('psql ended before the transaction began');
    await sleep(lookEveryMs, undefined, { signal });
  }
}

/** Asks what became of the transaction whose number psql printed, where its answer was lost. */
async function wasCommitted({ address, signal }: PourOrder, printed: string): Promise<boolean> {
  const number = /^\d+/.exec(printed)?.[0];
  return number !== undefined && (await becameOf(address, number, signal)) === 'committed';
}
