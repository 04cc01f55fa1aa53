import type { DatabaseAddress } from '#schema/catalogue';
import type { Finding } from '#schema/domain';
import { orGiveUp } from '../giveUp.js';
import { guardAgainstStall, type StallGuard } from '../stallGuard.js';
import { StepProblem } from '../stepProblem.js';
import type { Storage } from '../storage/storage.js';
import { startArchive } from './archive.js';
import { withConnection } from './connect.js';
import { CopyCounter } from './copyCounter.js';
import { DumpProgress } from './dumpProgress.js';
import { endSessions } from './endSessions.js';
import { estimateRows } from './estimateRows.js';
import { inspect, requireProjectDatabase } from './inspect.js';
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
  const { address, applicationName, onProgress } = order;
  const counter = new CopyCounter();
  const moved = { dumped: 0, stored: 0 };
  const guard = guardAgainstStall({
    signal: order.signal,
    stallMs: order.stallMs ?? 600_000,
    what: 'The dump of the database',
    position: () => moved.dumped + moved.stored + counter.bytes,
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
      const archived = await archive(order, {
        counter,
        moved,
        guard,
        progress,
        tools,
        snapshotId: snapshot.id,
      });
      return {
        ...archived,
        serverVersion: database.serverVersion,
        tool: `pg_dump (PostgreSQL) ${tools.version}`,
        takenAt: snapshot.takenAt,
        warnings: tools.warnings,
      };
    });
  } finally {
    guard.release();
  }
}

interface ArchiveParts {
  counter: CopyCounter;
  moved: { dumped: number; stored: number };
  guard: StallGuard;
  progress: DumpProgress;
  tools: ChosenTools;
  snapshotId: string | null;
}

/** The snapshot's transaction must stay open meanwhile. */
async function archive(
  { address, storage, key, applicationName, lockWaitMs = 60_000, onProgress }: DumpOrder,
  { counter, moved, guard, progress, tools, snapshotId }: ArchiveParts,
): Promise<Pick<Dumped, 'size' | 'sha256' | 'tables' | 'rows'>> {
  const { signal } = guard;
  const { totalBytes } = progress;
  onProgress({ doneBytes: 0, totalBytes });
  const report = setInterval(
    () => onProgress({ doneBytes: progress.doneBytes(counter), totalBytes }),
    progressMs,
  );
  const onBytes = (total: number) => (moved.dumped = total);
  const { stream, gone } = startArchive({
    address,
    tools,
    applicationName,
    snapshotId,
    lockWaitMs,
    signal,
    counter,
    onBytes,
  });
  // What breaks it is thrown by the write.
  stream.on('error', () => undefined);
  try {
    const writing = storage.write(key, stream, {
      signal,
      onBytes: (total) => (moved.stored = total),
      expectedBytes: totalBytes,
    });
    const written = await orGiveUp(writing, signal);
    if (written.size !== moved.dumped) {
      throw new StepProblem(
        'STORAGE_UNREACHABLE',
        `The backup storage took ${written.size} of ${moved.dumped} bytes`,
      );
    }
    onProgress({ doneBytes: totalBytes, totalBytes });
    return { ...written, tables: Object.keys(counter.rows).length, rows: counter.rows };
  } catch (error: unknown) {
    const cause: unknown = signal.aborted ? signal.reason : error;
    guard.stop(cause);
    await Promise.all([gone, endSessions(address, applicationName)]);
    await storage.remove(key).catch(() => undefined);
    throw cause;
  } finally {
    clearInterval(report);
  }
}
