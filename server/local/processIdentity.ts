import { readFile } from 'node:fs/promises';
import { runCommand } from './runCommand.js';

/** A process that cannot be mistaken for a later one with the same id. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the words of the system: opaque, to be compared only. */
  started: string;
}

/** The identity of a living process; undefined where there is none with this id. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const started = process.platform === 'linux' ? await startedOnLinux(pid) : await startedByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Tells whether this very process still lives; a zombie counts as gone. */
export async function isSameProcessAlive(identity: ProcessIdentity): Promise<boolean> {
  const present = await identifyProcess(identity.pid);
  return present?.started === identity.started;
}

/** The command line of a living process, words separated by spaces; empty where it cannot be read. */
export async function commandLineOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return raw.replaceAll('\0', ' ').trim();
  }
  const { code, stdout } = await runCommand({ file: 'ps', args: ['-o', 'command=', '-p', String(pid)] });
  return code === 0 ? stdout.trim() : '';
}

async function startedOnLinux(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  const started = parseStartTime(stat);
  if (started === undefined) return undefined;
  // The start time counts from the boot, so the boot belongs to it.
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${boot.trim()} ${started}`;
}

/**
 * The start time (clock ticks since the boot) in a line of /proc/PID/stat; undefined for a zombie.
 * The program's name may hold spaces and brackets, so fields are counted from its last bracket.
 */
export function parseStartTime(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  if (state === 'Z' || state === 'X') return undefined;
  return fields[19];
}

/** The session of the process in a line of /proc/PID/stat; undefined for an empty line. */
export function parseSession(stat: string): number | undefined {
  const session = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3];
  return session === undefined ? undefined : Number(session);
}

async function startedByPs(pid: number): Promise<string | undefined> {
  const { code, stdout } = await runCommand({ file: 'ps', args: ['-o', 'stat=,lstart=', '-p', String(pid)] });
  const line = stdout.trim();
  return code === 0 && line !== '' && !line.startsWith('Z') ? line.slice(line.indexOf(' ') + 1) : undefined;
}
