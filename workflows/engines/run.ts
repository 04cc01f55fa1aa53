import { spawn } from 'node:child_process';
import { PassThrough, pipeline, type Readable, type Writable } from 'node:stream';
import { niceness } from './niceness.js';
import { parentDeathGuard } from './parentDeathGuard.js';

/** What to run: no shell, an environment from scratch. */
export interface RunOrder {
  /** Absolute path. */
  program: string;
  args: readonly string[];
  /** Added to the bare environment. */
  env?: Readonly<Record<string, string>>;
  stdin?: 'pipe' | 'ignore';
  /** How much it gives way to others, 0 to 19; default 0. */
  nice?: number;
  /** Takes in all that it writes, piece by piece; `stdout` then has nothing. For much in small pieces. */
  onStdout?: (piece: Buffer) => void;
  /** Hears what it says on stderr, piece by piece. */
  onStderr?: (piece: Buffer) => void;
  signal: AbortSignal;
}

/** How a program ended: one of `code` and `signal` is null. */
export interface ProgramExit {
  code: number | null;
  signal: string | null;
  /** The last 8 KiB of what it said on stderr. */
  stderrTail: string;
}

export interface RunningProgram {
  pid: number | undefined;
  stdout: Readable;
  stdin: Writable | null;
  /** Settles once the program is gone and `onStdout` has had all; rejects only where it could not be started. */
  exit: Promise<ProgramExit>;
}

const tailBytes = 8 * 1024;
const patienceMs = 2_000;

/**
 * Starts a program that ends with the signal (politely, after 2 s by force) and with this process. Read `stdout`
 * to its end and await `exit`: neither alone says that all went well.
 */
export function run(order: RunOrder): RunningProgram {
  const { program, args, env = {}, stdin = 'ignore', nice = 0, onStdout, signal } = order;
  signal.throwIfAborted();
  const [command, ...rest] = [...parentDeathGuard(), ...niceness(nice), program, ...args];
  const child = spawn(command ?? program, rest, {
    detached: true,
    env: { ...bareEnvironment, ...env },
    stdio: 'pipe',
  });
  let force: NodeJS.Timeout | undefined;
  const stop = () => {
    killGroup(child.pid, 'SIGTERM');
    force = setTimeout(() => killGroup(child.pid, 'SIGKILL'), patienceMs);
  };
  signal.addEventListener('abort', stop, { once: true });
  // Whoever feeds stdin hears of its errors from the write itself.
  child.stdin.on('error', () => undefined);
  if (stdin === 'ignore') child.stdin.end();

  // Node throws away what a program that has ended wrote, unless somebody reads it by then: this one does at once.
  const stdout = new PassThrough();
  if (onStdout) child.stdout.on('data', onStdout).once('close', () => stdout.end());
  else pipeline(child.stdout, stdout, () => undefined);
  const taken = onStdout ? closed(child.stdout) : Promise.resolve();
  const tail = keepTail(child.stderr);
  if (order.onStderr) child.stderr.on('data', order.onStderr);
  const exit = new Promise<ProgramExit>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, endedBy) => {
      signal.removeEventListener('abort', stop);
      clearTimeout(force);
      killGroup(child.pid, 'SIGKILL');
      void Promise.all([tail.ended, taken]).then(() =>
        resolve({ code, signal: endedBy, stderrTail: tail.text() }),
      );
    });
  });
  exit.catch(() => signal.removeEventListener('abort', stop));
  return { pid: child.pid, stdout, stdin: stdin === 'pipe' ? child.stdin : null, exit };
}

/** Nothing of this process's own environment reaches a child: no credentials, no settings of libpq. */
const bareEnvironment: Readonly<Record<string, string>> = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LANG: 'C.UTF-8',
  LC_ALL: 'C',
  HOME: '/nonexistent',
  PGPASSFILE: '/nonexistent/pgpass',
  PGSERVICEFILE: '/nonexistent/pg_service.conf',
  PGSYSCONFDIR: '/nonexistent',
};

/** The child leads a session of its own: its group holds all that it started. */
function killGroup(pid: number | undefined, how: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, how);
  } catch {
    // It is gone.
  }
}

function keepTail(stream: Readable): { ended: Promise<void>; text: () => string } {
  let kept = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]);
    if (kept.length > tailBytes) kept = kept.subarray(kept.length - tailBytes);
  });
  return { ended: closed(stream), text: () => kept.toString('utf8') };
}

function closed(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve);
    stream.once('error', () => resolve());
  });
}
