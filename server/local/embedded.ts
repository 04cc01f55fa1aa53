import path from 'node:path';
import type { Child } from './child.js';
import type { DataFolder } from './dataFolder.js';
import { toolEnvironment } from './environment.js';
import type { ProcessRecord } from './leftovers.js';
import type { Ports } from './ports.js';
import { postgresChild, superuserOf, type Superuser } from './postgres.js';
import { clusterMajor, makeCluster, makeClusterParent } from './postgresCluster.js';
import { chooseRunAs } from './runAs.js';
import { say } from './say.js';
import type { Settings } from './settings.js';
import { temporalChild } from './temporal.js';
import { findPostgres, obtainPostgres } from './tools/obtainPostgres.js';
import { obtainTemporal } from './tools/obtainTemporal.js';
import { toolsFolders } from './tools/toolsFolder.js';

/** What starting an embedded service needs. */
export interface EmbeddedContext {
  settings: Settings;
  folder: DataFolder;
  ports: Ports;
  env: NodeJS.ProcessEnv;
  processes: ProcessRecord;
  /** Called with every child before it starts, so that it is stopped whatever happens next. */
  onChild: (child: Child) => void;
  onReplaced: () => Promise<void>;
  signal: AbortSignal;
}

/** Starts the embedded PostgreSQL; answers how to reach it, and where this machine's PostgreSQL programs are. */
export async function startPostgres(
  context: EmbeddedContext,
  superuserPassword: string,
): Promise<{ child: Child; superuser: Superuser; bindirs: string[] }> {
  const { settings, folder, ports, signal } = context;
  const runAs = await chooseRunAs(folder.root);
  const wanted = { ...toolsWanted(context), major: await clusterMajor(folder.postgres), runAs };
  const { server, bindirs } = await obtainPostgres({ ...wanted, bindir: settings.postgresBindir }, signal);
  const env = toolEnvironment(context.env, folder.postgres);
  await makeClusterParent(folder.postgres, runAs);
  await makeCluster(folder.postgres, server.bindir, runAs, superuserPassword, env, signal);
  say(`Starting PostgreSQL ${server.version} (${server.bindir})`);
  const child = postgresChild({
    folder: folder.postgres,
    bindir: server.bindir,
    runAs,
    port: ports.postgres,
    superuserPassword,
    env,
    logFile: path.join(folder.logs, 'postgres.log'),
    onSpawned: (pid) => context.processes.add('postgres', pid, 'SIGINT'),
    onReplaced: context.onReplaced,
  });
  context.onChild(child);
  await child.start(signal);
  return { child, superuser: superuserOf(ports.postgres, superuserPassword), bindirs };
}

/** Every folder with PostgreSQL programs, where no embedded server is wanted: backups need the client programs. */
export async function findPostgresBindirs(context: EmbeddedContext): Promise<string[]> {
  const found = await findPostgres({ ...toolsWanted(context), bindir: context.settings.postgresBindir });
  return found.map(({ bindir }) => bindir);
}

/** Starts the embedded Temporal with its web UI. */
export async function startTemporal(context: EmbeddedContext): Promise<Child> {
  const { settings, folder, ports, signal } = context;
  const program = await obtainTemporal(toolsWanted(context), signal);
  say(`Starting the Temporal dev server (${program})`);
  const child = temporalChild({
    program,
    folder: folder.temporal,
    port: ports.temporal,
    uiPort: settings.temporalUiPort,
    historyDays: settings.historyDays,
    env: toolEnvironment(context.env, folder.temporal),
    logFile: path.join(folder.logs, 'temporal.log'),
    onSpawned: (pid) => context.processes.add('temporal', pid, 'SIGTERM'),
    onReplaced: context.onReplaced,
  });
  context.onChild(child);
  await child.start(signal);
  return child;
}

function toolsWanted({ settings, folder, env }: EmbeddedContext): {
  useMachineTools: boolean;
  toolsFolders: string[];
  env: NodeJS.ProcessEnv;
} {
  return { useMachineTools: settings.useMachineTools, toolsFolders: toolsFolders(folder.tools, env), env };
}
