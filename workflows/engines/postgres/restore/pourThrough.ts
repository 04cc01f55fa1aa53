import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseAddress } from '#schema/catalogue';
import { pour } from '../../pour.js';
import { run, type RunningProgram } from '../../run.js';
import { StepProblem } from '../../stepProblem.js';
import { withConnection } from '../connect.js';
import { conninfo, libpqEnvironment } from '../environment.js';
import type { ToolSet } from '../tools.js';
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
  /** Ends with the commit. */
  after: Iterable<string>;
  nice: number;
  applicationName: string;
  signal: AbortSignal;
  onPiece: (piece: Buffer) => void;
}

/** That somebody held a lock for too long. */
export class Locked extends Error {}

const longestWords = 256 * 1024;
const statusEveryMs = 250;

/** Answers with what psql said on stderr; rejects where the transaction was not committed. */
export async function pourThrough(order: PourOrder): Promise<string> {
  const { address, signal } = order;
  const { psql, heard } = startPsql(order);
  let isCommitSent = false;
  const pouring = async () => {
    const { stdin } = psql;
    if (!stdin) throw new Error('psql has no stdin');
    await pourScript(order, stdin);
    isCommitSent = true;
    for (const statement of order.after) await pour(stdin, statement);
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
  if (/canceling statement due to lock timeout/.test(stderrTail)) throw new Locked();
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
    args: [...quiet, '--set=ON_ERROR_STOP=1', '--file=-', `--dbname=${conninfo(address.database)}`],
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

/** Asks what became of the transaction whose number psql printed, where its answer was lost. */
async function wasCommitted({ address, signal }: PourOrder, printed: string): Promise<boolean> {
  const number = /^\d+/.exec(printed)?.[0];
  if (number === undefined) return false;
  return withConnection(address, { applicationName: 'holdfast look', signal }, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ status: string }>('select txid_status($1) as status', [number]);
      if (rows[0]?.status !== 'in progress') return rows[0]?.status === 'committed';
      await sleep(statusEveryMs, undefined, { signal });
    }
  });
}
