import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { until } from './until.js';

const renames = 'rename,renameat,renameat2';

/**
 * Kills a process with -9 at its n-th rename from now on, before the kernel does it. Answers once that is in force, with
 * what lets go of the process. Needs strace.
 */
export async function killAtRename(pid: number, nth: number): Promise<{ release: () => Promise<void> }> {
  const tracer = spawn('strace', [
    ...['-f', '-q', '-p', String(pid), '-e', `trace=${renames}`],
    ...['-e', `inject=${renames}:signal=SIGKILL:error=EIO:when=${nth}`],
  ]);
  const said = collect(tracer);
  await until('strace has taken hold', 10_000, async () => {
    if (tracer.exitCode !== null) throw new Error(`strace ended: ${said()}`);
    return isTraced(pid);
  });
  return {
    async release() {
      if (tracer.exitCode !== null || tracer.signalCode !== null) return;
      const ended = new Promise((resolve) => tracer.once('exit', resolve));
      tracer.kill('SIGINT');
      await ended;
    },
  };
}

async function isTraced(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const states = await Promise.all(
    threads.map((thread) =>
      readFile(`/proc/${pid}/task/${thread}/status`, 'utf8').catch(() => 'TracerPid:\t1'),
    ),
  );
  return states.every((state) => !/^TracerPid:\s*0$/m.test(state));
}

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text = `${text}${chunk.toString()}`.slice(-2_000)));
  child.stdout?.resume();
  return () => text;
}
