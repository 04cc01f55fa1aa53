import { rm, writeFile } from 'node:fs/promises';
import type { Finding } from '#schema/domain';
import { guardAgainstStall, type StallGuard } from '../../stallGuard.js';
import { StepProblem } from '../../stepProblem.js';
import { withConnection } from '../connect.js';
import { CopyCounter } from '../copyCounter.js';
import { endSessions } from '../endSessions.js';
import { databaseInWords } from '../problem.js';
import { planGrants } from './applyGrants.js';
import { walkBlocks } from './archiveBlocks.js';
import { openArchive, type ArchiveOnDisk } from './archiveOnDisk.js';
import { tablesToCount } from './compareTables.js';
import { endSessionsOf, oidOf, sessionsInWords, type Session } from './databases.js';
import { entriesToRestore } from './entriesToRestore.js';
import { leftOutMark, scriptAfter, scriptBefore } from './inPlaceScript.js';
import type { Destination } from './destination.js';
import { withMaintenance } from './maintenance.js';
import { requireFit } from './requireFit.js';
import { Locked, pourThrough } from './pourThrough.js';
import { RestoreProgress } from './restoreProgress.js';
import { asRestoreProblem } from './restoreProblem.js';
import type { StageOrder } from './stageDatabase.js';
import { watchServer } from './watchServer.js';

/** A dump to be restored into the live database itself. */
export interface InPlaceOrder extends Omit<StageOrder, 'stagedName' | 'jobs'> {
  /** Asked before each try: throws where somebody else does this by now. */
  mayAct?: () => Promise<void>;
  /** Hears the number of the transaction before its commit is asked for; where it rejects, nothing is committed. */
  onCommitting?: (transaction: string) => Promise<void>;
}

export interface RestoredInPlace {
  tables: number;
  rows: number;
  warnings: Finding[];
}

const progressMs = 250;
const tries = 5;

/**
 * Ends the sessions of the live database and puts the dump in place of all that the role owns in it, in one transaction:
 * afterwards it holds the dump, with the recorded row counts, or what it held before. For roles that may not create
 * databases; the replaced is not kept.
 */
export async function restoreInPlace(order: InPlaceOrder): Promise<RestoredInPlace> {
  const { address, applicationName } = order;
  const moved = { steps: 0 };
  const guard = guardAgainstStall({
    signal: order.signal,
    stallMs: order.stallMs ?? 600_000,
    what: 'The restore of the database',
    position: () => moved.steps,
  });
  try {
    const archive = await openArchive(order.file, order.expected, guard.signal);
    const connection = { applicationName, signal: guard.signal };
    const { there, warnings } = await withConnection(address, connection, (client) =>
      requireFit(client, address, archive.facts),
    );
    for (let attempt = 1; ; attempt += 1) {
      await order.mayAct?.();
      const staying = await endOthers(order, guard.signal);
      try {
        const restored = await replace(order, { archive, there, guard, moved });
        return { ...restored, warnings: [...warnings, ...restored.warnings] };
      } catch (error: unknown) {
        await endSessions(address, applicationName);
        if (!(error instanceof Locked) || guard.signal.aborted) throw error;
        if (attempt === tries) throw lockedProblem(order, staying);
      }
    }
  } catch (error: unknown) {
    throw guard.signal.aborted ? guard.signal.reason : asRestoreProblem(address, error);
  } finally {
    guard.release();
  }
}

function lockedProblem({ address }: InPlaceOrder, staying: readonly Session[]): StepProblem {
  const who = staying.length > 0 ? sessionsInWords(staying) : 'clients that keep connecting';
  return new StepProblem(
    'DATABASE_LOCKED',
    `The database ${databaseInWords(address)} stays in use by ${who}`,
  );
}

async function endOthers(
  { address, applicationName }: InPlaceOrder,
  signal: AbortSignal,
): Promise<Session[]> {
  const order = { applicationName, signal, except: [address.database] };
  return withMaintenance(address, order, async (client) => {
    const oid = await oidOf(client, address.database);
    return oid === null ? [] : endSessionsOf(client, [oid]);
  });
}

interface Scene {
  archive: ArchiveOnDisk;
  there: Destination;
  guard: StallGuard;
  moved: { steps: number };
}

async function replace(order: InPlaceOrder, scene: Scene): Promise<RestoredInPlace> {
  const { address, applicationName } = order;
  const { archive, there, guard, moved } = scene;
  const { entries } = archive.contents;
  const tables = tablesToCount(entries, archive.expectedRows);
  const { dumpIds, warnings } = entriesToRestore(entries, there);
  const listFile = `${order.file}.list`;
  if (dumpIds) await writeFile(listFile, dumpIds.map((dumpId) => `${dumpId};\n`).join(''), { mode: 0o600 });
  const own = new AbortController();
  const signal = AbortSignal.any([guard.signal, own.signal]);
  const counter = new CopyCounter();
  const reporting = reportProgress(order, scene, counter, signal);
  const watch = watchServer({
    address,
    applicationName,
    signal,
    onWork: ({ isWorking }) => (moved.steps += isWorking ? 1 : 0),
  });
  try {
    const said = await pourThrough({
      address,
      tools: order.tools.forMajor(there.major, { allowNewer: order.allowNewerTools ?? false }),
      file: order.file,
      listFile: dumpIds && listFile,
      tablespaces: archive.facts.tablespaces.every((name) => there.tablespaces.includes(name)),
      before: scriptBefore(there.major),
      after: scriptAfter(tables, planGrants(entries, there)),
      onCommitting: async (transaction) => order.onCommitting?.(transaction),
      nice: order.nice ?? 0,
      applicationName,
      signal,
      onPiece: (piece) => {
        counter.push(piece);
        moved.steps += 1;
      },
    });
    reporting.finish();
    const rows = [...counter.tables.values()].reduce((sum, table) => sum + table.rows, 0);
    return { tables: tables.length, rows, warnings: [...warnings, ...leftOut(said)] };
  } finally {
    own.abort(new Error('over'));
    reporting.stop();
    await watch;
    await rm(listFile, { force: true });
  }
}

function leftOut(said: string): Finding[] {
  const lines = said.split('\n').filter((line) => line.includes(leftOutMark));
  if (lines.length === 0) return [];
  const words = lines.map((line) => line.slice(line.indexOf(leftOutMark) + leftOutMark.length).trim());
  return [
    {
      code: 'GRANTS_LEFT_OUT',
      message: `${lines.length} statements about owners and grants could not be carried out as in the dump (${[...new Set(words)].slice(0, 3).join('; ')}).`,
    },
  ];
}

function reportProgress(
  { file, onProgress }: InPlaceOrder,
  { archive: { contents, facts, expectedRows } }: Scene,
  counter: CopyCounter,
  signal: AbortSignal,
): { finish: () => void; stop: () => void } {
  const progress = new RestoreProgress(contents, facts.sizeBytes, expectedRows ?? new Map<string, number>());
  const byKey = new Map(contents.entries.map((entry) => [entry.key, entry]));
  // What breaks off is found by pg_restore too.
  void walkBlocks(file, contents, { signal, onBlock: (id, bytes) => progress.learn(id, bytes) }).catch(
    () => undefined,
  );
  let finished = 0;
  const report = () => {
    const { current } = counter;
    for (const key of [...counter.tables.keys()].slice(finished))
      progress.finish(byKey.get(key)?.dumpId ?? -1);
    finished = counter.tables.size;
    const table = current && byKey.get(current.name);
    const doneBytes = progress.doneBytes(table ? [{ ...table, rows: current?.rows ?? 0 }] : []);
    const { totalBytes, tablesDone, tables } = progress;
    onProgress({ doneBytes, totalBytes, tablesDone, tables });
  };
  report();
  const timer = setInterval(report, progressMs);
  return { finish: report, stop: () => clearInterval(timer) };
}
