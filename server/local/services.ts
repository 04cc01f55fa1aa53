import path from 'node:path';
import { Child } from './child.js';
import type { EmbeddedContext } from './embedded.js';
import { freePort } from './ports.js';
import { oneLine } from './refusal.js';

const ANSWER_WITHIN_MS = 3_000;

/** Our own two services. */
export interface Services {
  server: Child;
  worker: Child;
}

/** Starts the API server and the worker, side by side; resolves when both can do their work. */
export async function startServices(
  context: EmbeddedContext,
  projectFolder: string,
  env: NodeJS.ProcessEnv,
): Promise<Services> {
  const { settings, ports, signal, onChild } = context;
  const healthPort = await freePort(
    new Set([...Object.values(ports), settings.port, settings.temporalUiPort]),
  );
  const server = serviceChild(context, {
    name: 'server',
    script: path.join(projectFolder, 'dist/server/main.js'),
    projectFolder,
    port: settings.port,
    saysWhy: false,
    env,
  });
  const worker = serviceChild(context, {
    name: 'worker',
    script: path.join(projectFolder, 'dist/workflows/main.js'),
    projectFolder,
    port: healthPort,
    saysWhy: true,
    env: { ...env, HEALTH_PORT: String(healthPort) },
  });
  onChild(server);
  onChild(worker);
  await Promise.all([server.start(signal), worker.start(signal)]);
  return { server, worker };
}

interface ServicePlan {
  name: string;
  /** The compiled file that Node runs. */
  script: string;
  projectFolder: string;
  /** Where it answers /readyz. */
  port: number;
  /** Whether /readyz says in one sentence what is waited for. */
  saysWhy: boolean;
  env: NodeJS.ProcessEnv;
}

function serviceChild({ folder, processes, onReplaced }: EmbeddedContext, plan: ServicePlan): Child {
  return new Child({
    name: plan.name,
    command: async () => ({
      file: process.execPath,
      args: ['--enable-source-maps', plan.script],
      env: plan.env,
      cwd: plan.projectFolder,
    }),
    ipc: true,
    logFile: path.join(folder.logs, `${plan.name}.log`),
    stopSignals: { first: 'SIGTERM', forced: 'SIGKILL' },
    stopWithinMs: 10_000,
    readyWithinMs: 90_000,
    isReady: async () => {
      const answer = await fetch(`http://127.0.0.1:${plan.port}/readyz`, {
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const words = (await answer.text()).trim();
      // One word means that it has not begun.
      return answer.ok || (plan.saysWhy && words.includes(' ') ? oneLine(words) : false);
    },
    onSpawned: (pid) => processes.add(plan.name, pid, 'SIGTERM'),
    onReplaced,
  });
}
