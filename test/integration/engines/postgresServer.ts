import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chown, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { DatabaseAddress } from '#schema/catalogue';
import { findPostgresTools } from '../../../workflows/engines/postgres/tools.js';

const execute = promisify(execFile);

/** A PostgreSQL server of a test's own, on a free loopback port. */
export interface PostgresServer {
  bin: string;
  address: (database?: string) => DatabaseAddress;
  query: (sql: string, database?: string) => Promise<Array<Record<string, unknown>>>;
  connect: (database?: string) => Promise<Client>;
  /** Ends every session and comes back. */
  restart: () => Promise<void>;
  /** A copy that follows and can only be read; it is stopped with the server. */
  startStandby: () => Promise<DatabaseAddress>;
  stop: () => Promise<void>;
}

/** Starts a server in a temporary folder, with settings like `work_mem=8MB`; as root it runs as the user `postgres`, for it refuses to run as root. */
export async function startPostgres(more: readonly string[] = []): Promise<PostgresServer> {
  const bindirs = (process.env.HOLDFAST_TEST_PG_BINDIRS ?? '').split(':').filter(Boolean);
  const [tools] = (await findPostgresTools(bindirs)).found;
  if (!tools) throw new Error('No PostgreSQL is installed');
  const bin = dirname(tools.pgDump);
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-postgres-'));
  const password = 'pass word\'"%$';
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  const asOther = await otherUser(folder, passwordFile);
  const data = join(folder, 'data');
  const initdb = [
    '--pgdata',
    data,
    '--username',
    'super',
    '--auth',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
  ];
  const cheap = ['--no-sync', '--encoding', 'UTF8', '--locale', 'C'];
  await inOrder(asOther, join(bin, 'initdb'), [...initdb, ...cheap]);
  const port = await freePort();
  const settings = [
    'fsync=off',
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'autovacuum=off',
    'max_wal_size=4GB',
    ...more,
  ];
  const launch = (folderOfData: string, own: string[]): ChildProcess => {
    const options = [...settings, ...own].flatMap((setting) => ['-c', setting]);
    const [program = '', ...args] = [...asOther, join(bin, 'postgres'), '-D', folderOfData, ...options];
    return spawn(program, args, { stdio: 'ignore' });
  };
  let server = launch(data, [`port=${port}`]);
  const standbys: ChildProcess[] = [];
  const address = (database = 'postgres'): DatabaseAddress => ({
    host: '127.0.0.1',
    port,
    user: 'super',
    password,
    database,
    sslmode: 'prefer',
  });
  const connect = (database?: string) => connectTo(address(database));
  await answers(address());
  return {
    bin,
    address,
    connect,
    query: async (sql, database) => {
      const client = await connect(database);
      try {
        return (await client.query<Record<string, unknown>>(sql)).rows ?? [];
      } finally {
        await client.end();
      }
    },
    restart: async () => {
      await ended(server, 'SIGINT');
      server = launch(data, [`port=${port}`]);
      await answers(address());
    },
    startStandby: async () => {
      const copy = join(folder, `standby-${standbys.length}`);
      const from = ['-h', '127.0.0.1', '-p', String(port), '-U', 'super', '--no-password'];
      await inOrder(
        asOther,
        join(bin, 'pg_basebackup'),
        ['-D', copy, '-R', '-X', 'stream', '-c', 'fast', ...from],
        {
          PGPASSWORD: password,
        },
      );
      const standby = { ...address(), port: await freePort() };
      standbys.push(launch(copy, [`port=${standby.port}`]));
      await answers(standby);
      return standby;
    },
    stop: async () => {
      await Promise.all([...standbys, server].map((each) => ended(each, 'SIGINT')));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The command line, spaces for zeros, of every running process that it matches. */
export async function processesLike(pattern: RegExp): Promise<string[]> {
  const lines = await Promise.all(
    (await readdir('/proc').catch(() => []))
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.map((line) => line.replaceAll('\0', ' ')).filter((line) => pattern.test(line));
}

async function otherUser(folder: string, passwordFile: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const { stdout } = await execute('/usr/bin/id', ['-u', 'postgres']);
  const user = Number(stdout);
  for (const path of [folder, passwordFile]) await chown(path, user, user);
  return ['/usr/bin/setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--'];
}

async function inOrder(
  before: string[],
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<void> {
  const [first = '', ...rest] = [...before, program, ...args];
  await execute(first, rest, { env: { ...process.env, ...env } });
}

async function connectTo({ host, port, user, password, database }: DatabaseAddress): Promise<Client> {
  const client = new Client({ host, port, user, password, database });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Settles once the server lets somebody in. */
async function answers(address: DatabaseAddress): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await (await connectTo(address)).end();
      return;
    } catch (error: unknown) {
      if (attempt === 300) throw error;
      await sleep(100);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (!address || typeof address === 'string') throw new Error('No free port');
  return address.port;
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
