import type { DatabaseAddress } from '#schema/catalogue';
import type { Finding } from '#schema/domain';
import { guardAgainstStall, type StallGuard } from '../../stallGuard.js';
import { withConnection } from '../connect.js';
import { endSessions } from '../endSessions.js';
import type { PostgresTools } from '../tools.js';
import { applyGrants, planGrants } from './applyGrants.js';
import { walkBlocks } from './archiveBlocks.js';
import { openArchive, type ArchiveOnDisk, type ExpectedTables } from './archiveOnDisk.js';
import { compareTables, tablesToCount } from './compareTables.js';
import { copyProperties } from './copyProperties.js';
import { createStaged } from './createStaged.js';
import { defaultProperties, readProperties } from './databaseProperties.js';
import { dropDatabase, oidOf } from './databases.js';
import { entriesToRestore } from './entriesToRestore.js';
import type { Destination } from './destination.js';
import { withMaintenance } from './maintenance.js';
import { requireFit } from './requireFit.js';
import { RestoreProgress } from './restoreProgress.js';
import { asRestoreProblem } from './restoreProblem.js';
import { runRestore } from './runRestore.js';
import { watchServer, type ServerWork } from './watchServer.js';

/** A dump to be restored into a fresh database beside the live one. */
export interface StageOrder {
  /** Of the live database, by the environment’s own role; it need not be there. */
  address: DatabaseAddress;
  tools: PostgresTools;
  /** Whether tools newer than the server may be used where its own are missing. */
  allowNewerTools?: boolean;
  /** The dump, a local file in a folder that can be written to. */
  file: string;
  /** The name of the fresh database; one that is left over under it is dropped. */
  stagedName: string;
  /** What the backup recorded of its tables; null: nothing. */
  expected: ExpectedTables;
  /** Connections at a time, at least 2. */
  jobs: number;
  /** How much pg_restore gives way to others, 0 to 19; 0 where left out. */
  nice?: number;
  /** Unique among all restores under way: by it the server's sessions are told apart. */
  applicationName: string;
  signal: AbortSignal;
  /** How long nothing may move; 10 min where left out. */
  stallMs?: number;
  /** Called at once and then every 250 ms, in bytes of the dump’s file. */
  onProgress: (progress: {
    doneBytes: number;
    totalBytes: number;
    tablesDone: number;
    tables: number;
  }) => void;
  /** Called as each phase begins, and with `done` at the end; for those who measure. */
  onPhase?: (phase: StagePhase) => void;
}

/** What staging does, in this order. */
export type StagePhase = 'prepare' | 'load' | 'count' | 'analyse' | 'finish' | 'done';

export interface StagedDatabase {
  name: string;
  oid: string;
  tables: number;
  rows: number;
  warnings: Finding[];
}

const progressMs = 250;
const clearUpMs = 60_000;

/**
 * Restores a dump into a fresh database: compared with what was recorded, analysed, and with the live database’s own
 * properties. A failure or an abort leaves nothing: no database, no program, no session.
 */
export async function stageDatabase(order: StageOrder): Promise<StagedDatabase> {
  const { address, stagedName, applicationName } = order;
  order.onPhase?.('prepare');
  const moved = { steps: 0 };
  const guard = guardAgainstStall({
    signal: order.signal,
    stallMs: order.stallMs ?? 600_000,
    what: 'The restore of the database',
    position: () => moved.steps,
  });
  const staged = { ...address, database: stagedName };
  try {
    const archive = await openArchive(order.file, order.expected, guard.signal);
    const { there, warnings } = await prepare(order, archive, guard.signal);
    try {
      return await fill(order, { archive, there, warnings, guard, moved });
    } catch (error: unknown) {
      await endSessions(staged, applicationName);
      const signal = AbortSignal.timeout(clearUpMs);
      await dropDatabase({ address, name: stagedName, signal }).catch(() => undefined);
      throw error;
    }
  } catch (error: unknown) {
    throw guard.signal.aborted ? guard.signal.reason : asRestoreProblem(staged, error);
  } finally {
    guard.release();
  }
}

/** Looks whether the dump fits before anything is made. */
async function prepare(
  { address, tools, allowNewerTools = false, stagedName }: StageOrder,
  { facts }: ArchiveOnDisk,
  signal: AbortSignal,
): Promise<{ there: Destination; warnings: Finding[] }> {
  const connection = { applicationName: 'holdfast restore', signal, except: [stagedName] };
  const fit = await withMaintenance(address, connection, (client) => requireFit(client, address, facts));
  tools.forMajor(fit.there.major, { allowNewer: allowNewerTools });
  await dropDatabase({ address, name: stagedName, signal });
  return fit;
}

interface Scene {
  archive: ArchiveOnDisk;
  there: Destination;
  warnings: Finding[];
  guard: StallGuard;
  /** Rises with everything that happens. */
  moved: { steps: number };
}

async function fill(order: StageOrder, scene: Scene): Promise<StagedDatabase> {
  const { address, stagedName, applicationName, jobs, onPhase } = order;
  const { archive, there, guard, moved } = scene;
  const { signal } = guard;
  const staged = { ...address, database: stagedName };
  const connection = { applicationName, signal };
  const elsewhere = { ...connection, except: [stagedName, address.database] };
  const tables = tablesToCount(archive.contents.entries, archive.expectedRows);
  await withMaintenance(address, elsewhere, (client) =>
    createStaged(client, { name: stagedName, live: address.database, dump: archive.facts }),
  );
  return whileWatched(order, scene, async (progress) => {
    onPhase?.('load');
    const warnings = [...scene.warnings, ...(await load(order, scene, progress))];
    onPhase?.('count');
    const { rows } = await compareTables({
      address: staged,
      tables,
      jobs,
      applicationName,
      signal,
      onCounted: () => (moved.steps += 1),
    });
    await withConnection(staged, connection, async (client) => {
      onPhase?.('analyse');
      await client.query('analyze');
      onPhase?.('finish');
      warnings.push(...(await applyGrants(client, planGrants(archive.contents.entries, there))));
    });
    const oid = await withMaintenance(address, elsewhere, async (client) => {
      const live = await readProperties(client, address.database);
      warnings.push(...(await copyProperties(client, stagedName, live ?? defaultProperties(there.role))));
      return oidOf(client, stagedName);
    });
    if (oid === null) throw new Error(`The database ${stagedName} is gone`);
    onPhase?.('done');
    return { name: stagedName, oid, tables: tables.length, rows, warnings };
  });
}

/** Runs pg_restore and, beside it, looks how the bytes of the file are shared out among its tables. */
async function load(order: StageOrder, scene: Scene, progress: RestoreProgress): Promise<Finding[]> {
  const { address, stagedName, file, jobs, nice = 0, applicationName } = order;
  const { archive, there, guard, moved } = scene;
  const { contents, facts } = archive;
  const tools = order.tools.forMajor(there.major, { allowNewer: order.allowNewerTools ?? false });
  const { dumpIds, warnings } = entriesToRestore(contents.entries, there);
  const walking = new AbortController();
  const walk = walkBlocks(file, contents, {
    signal: AbortSignal.any([guard.signal, walking.signal]),
    onBlock: (dumpId, bytes) => progress.learn(dumpId, bytes),
  }).catch((error: unknown) => {
    if (!walking.signal.aborted) guard.stop(error);
  });
  try {
    await runRestore({
      address: { ...address, database: stagedName },
      tools,
      file,
      dumpIds,
      tablespaces: facts.tablespaces.every((name) => there.tablespaces.includes(name)),
      jobs,
      nice,
      applicationName,
      signal: guard.signal,
      onFinished: (dumpId) => {
        progress.finish(dumpId);
        moved.steps += 1;
      },
    });
    // What breaks off at its very end may have been enough for pg_restore.
    await walk;
    guard.signal.throwIfAborted();
    progress.finishAll();
  } finally {
    walking.abort();
    await walk;
  }
  return [...tools.warnings, ...warnings];
}

async function whileWatched<T>(
  { address, stagedName, applicationName, onProgress }: StageOrder,
  { archive, guard, moved }: Scene,
  work: (progress: RestoreProgress) => Promise<T>,
): Promise<T> {
  const progress = new RestoreProgress(
    archive.contents,
    archive.facts.sizeBytes,
    archive.expectedRows ?? new Map<string, number>(),
  );
  let copies: ServerWork['copies'] = [];
  let lastBytes = 0;
  const report = () => {
    const doneBytes = progress.doneBytes(copies);
    if (doneBytes !== lastBytes) moved.steps += 1;
    lastBytes = doneBytes;
    const { totalBytes, tablesDone, tables } = progress;
    onProgress({ doneBytes, totalBytes, tablesDone, tables });
  };
  report();
  const done = new AbortController();
  const timer = setInterval(report, progressMs);
  const watch = watchServer({
    address: { ...address, database: stagedName },
    applicationName,
    signal: AbortSignal.any([guard.signal, done.signal]),
    onWork: (server) => {
      if (server.isWorking) moved.steps += 1;
      copies = server.copies;
    },
  });
  try {
    const result = await work(progress);
    report();
    return result;
  } finally {
    clearInterval(timer);
    done.abort();
    await watch;
  }
}
