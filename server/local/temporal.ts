import path from 'node:path';
import { Connection } from '@temporalio/client';
import { searchAttributes } from '#schema/domain';
import { prepareTemporal } from '../setup/prepareTemporal.js';
import { Child } from './child.js';
import { dieWithUs } from './dieWithUs.js';
import { Refusal } from './refusal.js';

const NAMESPACE = 'default';
const ANSWER_WITHIN_MS = 5_000;

/** What the embedded Temporal needs to run. */
export interface TemporalPlan {
  program: string;
  folder: string;
  port: number;
  uiPort: number;
  /** How long closed workflows are kept. */
  historyDays: number;
  env: NodeJS.ProcessEnv;
  logFile: string;
  onSpawned: (pid: number) => Promise<void>;
  onReplaced: () => Promise<void>;
}

/** The embedded Temporal dev server with its web UI, on loopback only; ready when both answer. */
export function temporalChild(plan: TemporalPlan): Child {
  const address = `127.0.0.1:${plan.port}`;
  return new Child({
    name: 'temporal',
    command: () =>
      dieWithUs({ file: plan.program, args: serverArgs(plan), env: plan.env, cwd: plan.folder }, 'TERM'),
    ipc: false,
    logFile: plan.logFile,
    stopSignals: { first: 'SIGTERM', forced: 'SIGKILL' },
    stopWithinMs: 5_000,
    readyWithinMs: 90_000,
    isReady: async () => {
      // The dev server's own keeping time is a day, too short for a failure on Friday to be replayed on Monday.
      await prepareTemporal({ address, namespace: NAMESPACE, historyDays: plan.historyDays });
      const ui = await fetch(`http://127.0.0.1:${plan.uiPort}/`, {
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      return ui.ok;
    },
    onSpawned: plan.onSpawned,
    onReplaced: plan.onReplaced,
  });
}

/** Throws a Refusal where no Temporal answers at an address that a person set. */
export async function requireTemporal(address: string): Promise<void> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: ANSWER_WITHIN_MS });
    await connection.close();
  } catch {
    throw new Refusal(
      `No Temporal answers at ${address}: start it there, correct TEMPORAL_ADDRESS, or leave it out to use the embedded one.`,
    );
  }
}

function serverArgs(plan: TemporalPlan): string[] {
  return [
    ...['server', 'start-dev', '--namespace', NAMESPACE],
    ...['--db-filename', path.join(plan.folder, 'temporal.db')],
    ...['--ip', '127.0.0.1', '--port', String(plan.port)],
    ...['--ui-ip', '127.0.0.1', '--ui-port', String(plan.uiPort)],
    ...['--log-level', 'warn'],
    ...Object.values(searchAttributes).flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}
