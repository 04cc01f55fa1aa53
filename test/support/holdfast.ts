import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

const project = fileURLToPath(new URL('../../', import.meta.url));

/** What `ready.json` says. */
export interface Ready {
  web: string;
  graphql: string;
  temporalUi: string;
  temporalAddress: string;
  temporalNamespace: string;
  mail: string | null;
  signIn: string;
  token: string;
  processes: Record<'server' | 'worker' | 'temporal' | 'postgres', number | null>;
}

/** A Holdfast of its own, started as a person starts it. */
export interface RunningHoldfast {
  data: string;
  /** Read anew each time: process ids change when one comes back. */
  ready(): Promise<Ready>;
  stop(): Promise<void>;
}

/** Starts Holdfast by its own start script on free ports and a temporary data folder. */
export async function startHoldfast(settings: Record<string, string> = {}): Promise<RunningHoldfast> {
  const data = await mkdtemp(path.join(os.tmpdir(), 'holdfast-test-'));
  const child = spawn(process.execPath, ['server/local/start.mjs'], {
    cwd: project,
    env: {
      ...process.env,
      HOLDFAST_DATA: data,
      PORT: String(await freePort()),
      TEMPORAL_UI_PORT: String(await freePort()),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = collect(child);
  const readyFile = path.join(data, 'ready.json');
  const ready = async () => JSON.parse(await readFile(readyFile, 'utf8')) as Ready;
  await until('Holdfast is ready', 240_000, async () => {
    if (child.exitCode !== null) throw new Error(`Holdfast ended with ${child.exitCode}:\n${said()}`);
    return ready().then(
      () => true,
      () => false,
    );
  }).catch((error: unknown) => {
    child.kill('SIGTERM');
    throw new Error(`${String(error)}\n${said()}`);
  });
  return {
    data,
    ready,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.kill('SIGTERM')) await ended;
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** A port that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (text = `${text}${chunk.toString()}`.slice(-8_000)));
  }
  return () => text;
}
