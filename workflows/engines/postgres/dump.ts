import type { DatabaseAddress } from '#schema/catalogue';
import type { Finding } from '#schema/domain';
import { guardAgainstStall } from '../stallGuard.js';
import { StepProblem } from '../stepProblem.js';
import type { Storage } from '../storage/storage.js';
import { startArchive } from './archive.js';
import { withConnection } from './connect.js';
import { CopyCounter } from './copyCounter.js';
import { DumpProgress } from './dumpProgress.js';
import { endSessions } from './endSessions.js';
import { estimateRows } from './estimateRows.js';
import { inspect, requireProjectDatabase, type InspectedDatabase } from './inspect.js';
import { takeSnapshot } from './snapshot.js';
import type { ChosenTools, PostgresTools } from './tools.js';

export interface DumpOrder {
  address: DatabaseAddress;
  tools: PostgresTools;
  /** Whether tools newer than the server may be used where its own are missing. */
  allowNewerTools?: boolean;
  storage: Storage;
  key: string;
  /** Unique among all dumps under way: by it the server's sessions are told apart. */
  applicationName: string;
  signal: AbortSignal;
  /** How long nothing may move; 10 min where left out. */
  stallMs?: number;
  /** How long to wait for a locked table; 60 s where left out. */
  lockWaitMs?: number;
  /** Called at once and then every 250 ms, in bytes of the source; `totalBytes` null until it has been looked at. */
  onProgress: (progress: { doneBytes: number; totalBytes: number | null }) => void;
}

export interface Dumped {
  size: number;
  sha256: string;
  tables: number;
  /** `"schema"."table"` → rows in the archive. */
  rows: Record<string, number>;
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
  const { address, applicationName, signal, onProgress } = order;
  onProgress({ doneBytes: 0, totalBytes: null });
  return withConnection(address, { applicationName: `${applicationName} look`, signal }, async (client) => {
    const database = await inspect(client);
    requireProjectDatabase(database);
    const tools = order.tools.forMajor(database.major, { allowNewer: order.allowNewerTools ?? false });
    const estimated = { ...database, tables: await estimateRows(client, database) };
    const snapshot = await takeSnapshot(client);
    const archived = await archive(order, estimated, tools, snapshot.id);
    return {
      ...archived,
      serverVersion: database.serverVersion,
      tool: `pg_dump (PostgreSQL) ${tools.version}`,
      takenAt: snapshot.takenAt,
      warnings: tools.warnings,
    };
  });
}

async function archive(
  order: DumpOrder,
  database: InspectedDatabase,
  tools: ChosenTools,
  snapshotId: string | null,
): Promise<Pick<Dumped, 'size' | 'sha256' | 'tables' | 'rows'>> {
  const { address, storage, key, applicationName, lockWaitMs = 60_000, onProgress } = order;
  const counter = new CopyCounter();
  const progress = new DumpProgress(database.tables, database.largeObjectBytes);
  const { totalBytes } = progress;
  let [dumpedBytes, storedBytes] = [0, 0];
  const guard = guardAgainstStall({
    signal: order.signal,
    stallMs: order.stallMs ?? 600_000,
    what: 'The dump of the database',
    position: () => dumpedBytes + storedBytes + counter.bytes,
  });
  const report = setInterval(() => onProgress({ doneBytes: progress.doneBytes(counter), totalBytes }), progressMs);
  onProgress({ doneBytes: 0, totalBytes });
  const { stream, gone } = startArchive({
    address,
    tools,
    applicationName,
    snapshotId,
    lockWaitMs,
    signal: guard.signal,
    counter,
    onBytes: (total) => (dumpedBytes = total),
  });
  try {
    const written = await storage.write(key, stream, { signal: guard.signal, onBytes: (total) => (storedBytes = total) });
    if (written.size !== dumpedBytes) {
      throw new StepProblem('STORAGE_UNREACHABLE', `The backup storage took ${written.size} of ${dumpedBytes} bytes`);
    }
    onProgress({ doneBytes: totalBytes, totalBytes });
    return { ...written, tables: Object.keys(counter.rows).length, rows: counter.rows };
  } catch (error: unknown) {
    const cause: unknown = guard.signal.aborted ? guard.signal.reason : error;
    guard.stop(cause);
    await Promise.all([gone, endSessions(address, applicationName)]);
    await storage.remove(key).catch(() => undefined);
    throw cause;
  } finally {
    clearInterval(report);
    guard.release();
  }
}
