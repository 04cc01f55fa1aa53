import type { DatabaseAddress } from '#schema/catalogue';
import type { Finding, TableListDocument } from '#schema/domain';
import { orGiveUp } from '../giveUp.js';
import { guardAgainstStall, type StallGuard } from '../stallGuard.js';
import { Pace, type SharedPace } from '../pace.js';
import { StepProblem } from '../stepProblem.js';
import type { EngineStorage, Written } from '../storage/storage.js';
import { BrokenArchive, startArchive } from './archive.js';
import { withConnection } from './connect.js';
import { CopyCounter } from './copyCounter.js';
import { DumpProgress } from './dumpProgress.js';
import { endSessions } from './endSessions.js';
import { estimateRows } from './estimateRows.js';
import { inspect, requireProjectDatabase } from './inspect.js';
import { databaseInWords } from './problem.js';
import { takeSnapshot } from './snapshot.js';
import { writeTableList } from './tableList.js';
import type { ChosenTools, PostgresTools } from './tools.js';

export interface DumpOrder {
  address: DatabaseAddress;
  tools: PostgresTools;
  /** Whether tools newer than the server may be used where its own are missing. */
  allowNewerTools?: boolean;
  storage: EngineStorage;
  /** Where the dump and the list of its tables go. */
  keys: { dump: string; tableList: string };
  /** Whether the stored dump is read back from storage before it counts. */
  readBack?: boolean;
  /** Unique among all dumps under way: by it the server's sessions are told apart. */
  applicationName: string;
  signal: AbortSignal;
  /** How long nothing may move; 10 min where left out. */
  stallMs?: number;
  /** How long to wait for a locked table; 60 s where left out. */
  lockWaitMs?: number;
  /** How much pg_dump and pg_restore give way to others, 0 to 19; 0 where left out. */
  nice?: number;
  /** How fast rows are read; as fast as can be where left out. */
  pace?: SharedPace | null;
  /** Called at once and then every 250 ms, in bytes of the source; `totalBytes` null until it has been looked at. */
  onProgress: (progress: { doneBytes: number; totalBytes: number | null }) => void;
}

export interface Dumped {
  size: number;
  sha256: string;
  tables: number;
  tableList: TableListDocument;
  /** Bytes added to storage: the dump and the list. */
  storedSize: number;
  /** E.g. `gzip (zlib, level 1)`. */
  compression: string;
  serverVersion: string;
  /** E.g. `pg_dump (PostgreSQL) 15.18`. */
  tool: string;
  /** The instant that the archive shows, by the server's clock. */
  takenAt: Date;
  warnings: Finding[];
}

const progressMs = 250;

/**
 * Writes a stock custom-format archive of a database to storage: under its key only where pg_dump ended well and
 * pg_restore read the same bytes to their end. A failure or an abort leaves nothing: no object, no program, no session.
 */
export async function dumpDatabase(order: DumpOrder): Promise<Dumped> {
  const { address, applicationName, onProgress } = order;
  const moved = { steps: 0 };
  const guard = guardAgainstStall({
    signal: order.signal,
    stallMs: order.stallMs ?? 600_000,
    what: 'The dump of the database',
    position: () => moved.steps,
  });
  onProgress({ doneBytes: 0, totalBytes: null });
  try {
    const connection = { applicationName: `${applicationName} look`, signal: guard.signal };
    return await withConnection(address, connection, async (client) => {
      const database = await inspect(client);
      requireProjectDatabase(database);
      const tools = order.tools.forMajor(database.major, { allowNewer: order.allowNewerTools ?? false });
      const progress = new DumpProgress(await estimateRows(client, database), database.largeObjectBytes);
      const snapshot = await takeSnapshot(client);
      const parts = { moved, guard, progress, tools, snapshotId: snapshot.id };
      const archived = await archiveByWhatWorks(order, parts);
      return {
        ...archived,
        serverVersion: database.serverVersion,
        tool: `pg_dump (PostgreSQL) ${tools.version}`,
        takenAt: snapshot.takenAt,
        warnings: [...tools.warnings, ...(archived.tables === 0 ? [emptyDatabase(address)] : [])],
      };
    });
  } finally {
    guard.release();
  }
}

/** Nobody backs nothing up on purpose for long: it may be the wrong database. */
function emptyDatabase(address: DatabaseAddress): Finding {
  return {
    code: 'DATABASE_EMPTY',
    message: `The database ${databaseInWords(address)} has no tables: is it the right one?`,
  };
}

type Archived = Pick<Dumped, 'size' | 'sha256' | 'tables' | 'tableList' | 'storedSize' | 'compression'>;

interface ArchiveParts {
  /** Rises with everything that happens. */
  moved: { steps: number };
  guard: StallGuard;
  progress: DumpProgress;
  tools: ChosenTools;
  snapshotId: string | null;
}

/** With the accelerator, and where that broke the archive without it: of the very same snapshot. */
async function archiveByWhatWorks(order: DumpOrder, parts: ArchiveParts): Promise<Archived> {
  const { accelerator } = parts.tools;
  if (accelerator !== null) {
    try {
      return await archive(order, parts, accelerator);
    } catch (error: unknown) {
      if (!(error instanceof BrokenArchive) || parts.guard.signal.aborted) throw error;
    }
  }
  return archive(order, parts, null);
}

/** The snapshot's transaction must stay open meanwhile. */
async function archive(
  order: DumpOrder,
  { moved, guard, progress, tools, snapshotId }: ArchiveParts,
  accelerator: string | null,
): Promise<Archived> {
  const { address, storage, keys, readBack = false, applicationName, pace = null, onProgress } = order;
  const own = new AbortController();
  const signal = AbortSignal.any([guard.signal, own.signal]);
  const { totalBytes } = progress;
  const counter = new CopyCounter();
  let dumpedBytes = 0;
  let storedBytes = 0;
  const report = () => {
    const storedShare = dumpedBytes === 0 ? 1 : storedBytes / dumpedBytes;
    onProgress({ doneBytes: progress.doneBytes(counter, storedShare), totalBytes });
  };
  report();
  const timer = setInterval(report, progressMs);
  const { stream, gone } = startArchive({
    address,
    tools,
    accelerator,
    applicationName,
    snapshotId,
    lockWaitMs: order.lockWaitMs ?? 60_000,
    nice: order.nice ?? 0,
    pace: pace && new Pace(pace.bytesPerSecond, pace.shared),
    signal,
    counter,
    onBytes: (total) => {
      dumpedBytes = total;
      moved.steps += 1;
    },
    onRead: () => (moved.steps += 1),
  });
  // What breaks it is thrown by the write.
  stream.on('error', () => undefined);
  try {
    const onBytes = (total: number) => {
      storedBytes = total;
      moved.steps += 1;
    };
    const writing = storage.write(keys.dump, stream, {
      signal,
      onBytes,
      expectedBytes: totalBytes,
      readBack,
    });
    const written = await orGiveUp(writing, signal);
    requireWhole(written, dumpedBytes);
    const list = await writeTableList(storage, keys.tableList, counter.tables, signal);
    onProgress({ doneBytes: totalBytes, totalBytes });
    return {
      ...written,
      tables: counter.tables.size,
      tableList: { key: list.key, sha256: list.sha256 },
      storedSize: written.size + list.size,
      compression: `gzip (${accelerator === null ? 'zlib' : 'ISA-L'}, level 1)`,
    };
  } catch (error: unknown) {
    const cause: unknown = guard.signal.aborted ? guard.signal.reason : error;
    own.abort(cause);
    await Promise.all([gone, endSessions(address, applicationName)]);
    for (const key of [keys.dump, keys.tableList]) await storage.remove(key).catch(() => undefined);
    throw cause;
  } finally {
    clearInterval(timer);
  }
}

function requireWhole(written: Written, dumpedBytes: number): void {
  if (written.size === dumpedBytes) return;
  throw new StepProblem(
    'STORAGE_UNREACHABLE',
    `The backup storage took ${written.size} of ${dumpedBytes} bytes`,
  );
}
