import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import type { Ready } from './holdfast.js';
import { until } from './until.js';

export type ProcessName = keyof Ready['processes'];

interface Holdfast {
  ready(): Promise<Ready>;
}

/** The id of one of Holdfast’s processes now. */
export async function pidOf(holdfast: Holdfast, name: ProcessName): Promise<number> {
  const pid = (await holdfast.ready()).processes[name];
  if (pid === null) throw new Error(`There is no ${name} process`);
  return pid;
}

/** Kills a process of Holdfast’s with -9 and waits until another is in its place and answers. */
export async function killAndAwait(holdfast: Holdfast, name: ProcessName): Promise<void> {
  const pid = await pidOf(holdfast, name);
  process.kill(pid, 'SIGKILL');
  await until(`${name} is back`, 60_000, async () => (await pidOf(holdfast, name)) !== pid);
}

/** A program that a process started; `since` tells it from a later one with the same id. */
export interface Program {
  pid: number;
  name: string;
  since: string;
}

/** The programs of PostgreSQL’s that this process has under way. */
export async function dumpsOf(parent: number): Promise<Program[]> {
  const all = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(look));
  return all.flatMap((found) =>
    found?.parent === parent && found.state !== 'Z' && /^pg_(dump|restore)$/.test(found.name) ? [found] : [],
  );
}

/** Those of the programs that have not ended. */
export async function stillThere(programs: Program[]): Promise<Program[]> {
  const now = await Promise.all(programs.map(({ pid }) => look(String(pid))));
  return programs.filter(({ since }, index) => now[index]?.since === since && now[index].state !== 'Z');
}

/** Where the PostgreSQL server’s own programs lie. */
export async function postgresPrograms(holdfast: Holdfast): Promise<string> {
  return path.dirname(await readlink(`/proc/${await pidOf(holdfast, 'postgres')}/exe`));
}

/** What the kernel says of a process; null where there is none. */
async function look(pid: string): Promise<(Program & { parent: number; state: string }) | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  const [, name, rest] = stat?.match(/^\d+ \((.*)\) (.*)$/s) ?? [];
  if (name === undefined || rest === undefined) return null;
  const fields = rest.split(' ');
  return {
    pid: Number(pid),
    name,
    state: fields[0] ?? '',
    parent: Number(fields[1]),
    since: fields[19] ?? '',
  };
}
