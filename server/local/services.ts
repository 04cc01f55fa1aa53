import path from 'node:path';
import { Child } from './child.js';
import type { EmbeddedContext } from './embedded.js';
import { freePort } from './ports.js';

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
  const service = (name: string, script: string, port: number, serviceEnv: NodeJS.ProcessEnv): Child =>
    serviceChild(context, {
      name,
      script: path.join(projectFolder, script),
      projectFolder,
      port,
      env: serviceEnv,
    });
  const server = service('server', 'dist/server/main.js', settings.port, env);
  const worker = service('worker', 'dist/workflows/main.js', healthPort, {
    ...env,
    HEALTH_PORT: String(healthPort),
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
      return answer.ok;
    },
    onSpawned: (pid) => processes.add(plan.name, pid, 'SIGTERM'),
    onReplaced,
  });
}
