import path from 'node:path';
import { Client } from 'pg';
import { Child } from './child.js';
import { dieWithUs } from './dieWithUs.js';
import { clearLeftoverPostmaster, clusterFolder, SUPERUSER } from './postgresCluster.js';
import { commandAs, type RunAs } from './runAs.js';

const ANSWER_WITHIN_MS = 5_000;

/** How to reach the embedded PostgreSQL as its superuser. */
export interface Superuser {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** What the embedded PostgreSQL needs to run. */
export interface PostgresPlan {
  folder: string;
  bindir: string;
  runAs: RunAs;
  port: number;
  superuserPassword: string;
  env: NodeJS.ProcessEnv;
  logFile: string;
  onSpawned: (pid: number) => Promise<void>;
  onReplaced: () => Promise<void>;
}

/** The superuser's way into the embedded PostgreSQL. */
export function superuserOf(port: number, password: string): Superuser {
  return { host: '127.0.0.1', port, user: SUPERUSER, password, database: 'postgres' };
}

/** The embedded PostgreSQL on a cluster that is there: loopback only, no socket file, every write flushed. */
export function postgresChild(plan: PostgresPlan): Child {
  const superuser = superuserOf(plan.port, plan.superuserPassword);
  return new Child({
    name: 'postgres',
    command: async () => {
      await clearLeftoverPostmaster(plan.folder);
      const command = {
        file: path.join(plan.bindir, 'postgres'),
        args: serverArgs(plan),
        env: plan.env,
        cwd: '/',
      };
      // Set after the change of user, which would clear it; SIGINT is PostgreSQL's fast and clean shutdown.
      return commandAs(plan.runAs, await dieWithUs(command, 'INT'));
    },
    ipc: false,
    logFile: plan.logFile,
    stopSignals: { first: 'SIGINT', forced: 'SIGQUIT' },
    stopWithinMs: 8_000,
    // After a power cut it first reads back what it had promised to keep.
    readyWithinMs: 120_000,
    isReady: () => answers(superuser),
    onSpawned: plan.onSpawned,
    onReplaced: plan.onReplaced,
  });
}

function serverArgs({ folder, port }: PostgresPlan): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    password_encryption: 'scram-sha-256',
    max_connections: '200',
    logging_collector: 'off',
    log_destination: 'stderr',
  };
  return [
    '-D',
    clusterFolder(folder),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

async function answers(superuser: Superuser): Promise<boolean> {
  const client = new Client({
    ...superuser,
    ssl: false,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}
