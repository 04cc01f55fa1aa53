import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ticksPerSecond = 100;

/** Seconds of CPU that a process and its children that have ended took so far. */
export async function cpuSeconds(pid: number): Promise<number> {
  return secondsIn(await readFile(`/proc/${pid}/stat`, 'utf8'));
}

/** Runs a command line in a shell that says nothing; answers with the seconds it took, and those of CPU. */
export async function timed(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ seconds: number; cpu: number }> {
  const begun = performance.now();
  const script = `${command} >/dev/null || exit 1; cat /proc/$$/stat`;
  const { stdout } = await run('sh', ['-c', script, 'sh', ...args], { env: { ...process.env, ...env } });
  return { seconds: (performance.now() - begun) / 1000, cpu: secondsIn(stdout) };
}

/** Bytes of memory a process has now and had at most since `forgetPeak`. */
export async function memoryOf(pid: number): Promise<{ now: number; peak: number }> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string) => Number(text.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))?.[1]) * 1024;
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** From now on the peak counts anew. */
export async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

function secondsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / ticksPerSecond;
}
