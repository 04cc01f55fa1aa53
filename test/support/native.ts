import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

const project = fileURLToPath(new URL('../../', import.meta.url));

/** One of Holdfast’s own processes, started as a container platform starts it: a command and an environment. */
export interface NativeProcess {
  pid: number;
  /** The last of what it wrote to both outputs. */
  said(): string;
  /** Its exit code; null where a signal ended it. */
  ended: Promise<number | null>;
  /** Sends a signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a command of the compose file, e.g. `node dist/server/main.js`, with this environment and no other. */
export function startNative(command: readonly string[], environment: Record<string, string>): NativeProcess {
  const [program, ...args] = command;
  if (program !== 'node') throw new Error(`${program} is not node`);
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: project,
    env: { PATH, HOME, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (text = `${text}${chunk.toString()}`.slice(-20_000)));
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  if (child.pid === undefined) throw new Error(`${command.join(' ')} could not be started`);
  return {
    pid: child.pid,
    said: () => text,
    ended,
    async kill(signal) {
      child.kill(signal);
      await ended;
    },
  };
}

/** Runs one that ends by itself; answers with what it said. Throws where it fails. */
export async function runNative(
  command: readonly string[],
  environment: Record<string, string>,
): Promise<string> {
  const running = startNative(command, environment);
  const code = await running.ended;
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${running.said()}`);
  return running.said();
}

/** What `/readyz` at this port says; status 0 where nobody listens. */
export async function readiness(port: number): Promise<{ status: number; body: string }> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    return { status: answer.status, body: (await answer.text()).trim() };
  } catch {
    return { status: 0, body: '' };
  }
}

/** Waits until a process at this port can do its work; throws with what it said where it ended instead. */
export async function untilReady(running: NativeProcess, port: number): Promise<void> {
  let ended = false;
  void running.ended.then(() => (ended = true));
  let last = '';
  await until(`port ${port} is ready`, 120_000, async () => {
    if (ended) throw new Error(`It ended:\n${running.said()}`);
    const { status, body } = await readiness(port);
    last = body;
    return status === 200;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${last}\n${running.said()}`);
  });
}

/** What a file in the project’s folder holds. */
export function projectFile(name: string): string {
  return readFileSync(path.join(project, name), 'utf8');
}
