import { setTimeout as pause } from 'node:timers/promises';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { DataSource } from 'typeorm';
import { migrationProblem } from '#schema/catalogue';
import type { Storage } from './engines/storage/storage.js';
import type { StorageWatch } from './engines/storage/watchStorage.js';

/** A part that does not answer within this time is waited for, as one that refuses. */
const answerWithinMs = 3_000;
const notTriedYet = 'waiting';

/** What a worker needs to do its work. */
export interface WorkerParts {
  catalogue: DataSource;
  connection: NativeConnection;
  namespace: string;
  /** One for each task queue. */
  workers: readonly Worker[];
  storage: Storage;
  /** What the first try of storage found. */
  watch: StorageWatch;
}

/**
 * Answers with everything without which the worker cannot work, as far as it is missing at that moment; with one word
 * where it has not begun yet.
 */
export function createReadiness(parts: WorkerParts): () => Promise<string[]> {
  const { catalogue, connection, namespace, workers, storage, watch } = parts;
  const questions = [
    timely('the catalogue (DATABASE_URL)', () => migrationProblem(catalogue)),
    timely('Temporal (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE)', async () => {
      await connection.workflowService.describeNamespace({ namespace });
      return null;
    }),
    timely('storage', async () => {
      const problem = watch.problem();
      if (problem !== null) return `storage: ${problem}`;
      await storage.stat('v1/readiness');
      return null;
    }),
    ...workers.map((worker) => async () => (polls(worker) ? null : `tasks of ${worker.options.taskQueue}`)),
  ];
  return async () => {
    const isBeginning = workers.some((worker) => worker.getState() === 'INITIALIZED');
    if (isBeginning || watch.problem() === notTriedYet) return [notTriedYet];
    return (await Promise.all(questions.map((ask) => ask()))).filter((answer) => answer !== null);
  };
}

/** Whether the worker asks Temporal for tasks. */
function polls(worker: Worker): boolean {
  const { runState, workflowPollerState, activityPollerState } = worker.getStatus();
  const states = [workflowPollerState, activityPollerState];
  return runState === 'RUNNING' && states.includes('POLLING') && !states.includes('FAILED');
}

/**
 * A question whose answer is what is wrong with a part, or null; the part’s name where asking fails or takes too long.
 * A question that is still open is not asked again: storage that hangs would collect them.
 */
function timely(part: string, ask: () => Promise<string | null>): () => Promise<string | null> {
  let open: Promise<string | null> | null = null;
  return async () => {
    open ??= ask()
      .catch(() => part)
      .finally(() => (open = null));
    const over = new AbortController();
    const late = pause(answerWithinMs, part, { signal: over.signal, ref: false }).catch(() => part);
    const answer = await Promise.race([open, late]);
    over.abort();
    return answer;
  };
}
