import { spawn } from 'node:child_process';

const KEEP_OUTPUT = 64 * 1024;

/** A program with its arguments, and as whom and where it runs. Secrets belong into `env`, never into `args`. */
export interface Command {
  file: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
}

/** How a command ended: `code` is null where a signal ended it and -1 where it could not be started. */
export interface CommandResult {
  code: number | null;
  stdout: string;
  /** Standard error, or why the command could not be started. */
  stderr: string;
}

/**
 * Runs one command to its end and never rejects because of how it ended; each output is kept up to its last 64 KiB.
 * Aborting `signal` kills the command with everything that it started, and then rejects.
 */
export async function runCommand(
  command: Command,
  options: { input?: string; signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  const result = await runToEnd(command, options);
  options.signal?.throwIfAborted();
  return result;
}

function runToEnd(
  command: Command,
  { input, signal, timeoutMs }: { input?: string; signal?: AbortSignal; timeoutMs?: number },
): Promise<CommandResult> {
  const { file, args, ...options } = command;
  return new Promise((resolve) => {
    // Its own process group, so that Ctrl-C in the terminal reaches it only through us.
    const child = spawn(file, args, { ...options, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout
      .setEncoding('utf8')
      .on('data', (text: string) => (stdout = (stdout + text).slice(-KEEP_OUTPUT)));
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (stderr = (stderr + text).slice(-KEEP_OUTPUT)));
    // A command that ends without reading its input is no error here.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    const kill = (): void => killGroup(child.pid, 'SIGKILL');
    const timer = timeoutMs === undefined ? undefined : setTimeout(kill, timeoutMs);
    signal?.addEventListener('abort', kill, { once: true });
    const finish = (result: CommandResult): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      resolve(result);
    };
    child.on('error', (error) => finish({ code: -1, stdout, stderr: error.message }));
    child.on('close', (code) => finish({ code, stdout, stderr }));
  });
}

/** Sends a signal to a process group by its leader's id; a group that is gone is fine. */
export function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}
