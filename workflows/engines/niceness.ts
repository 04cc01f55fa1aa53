import { existsSync } from 'node:fs';

/** Programs that start another one with less of a claim to the machine; null where the system has none. */
export interface NiceTools {
  nice: string | null;
  ionice: string | null;
}

const folders = ['/usr/bin', '/bin', '/usr/local/bin'];
const leastClaim = 19;
let found: NiceTools | undefined;

/**
 * The words before a command that make it give way to others, to their disk accesses too; empty for 0. `level` goes
 * from 0 to 19, where the command only gets what nobody else wants. What the system lacks is left out.
 */
export function niceness(level: number, tools: NiceTools = (found ??= findTools())): readonly string[] {
  if (level === 0) return [];
  const { nice, ionice } = tools;
  const disk = level === leastClaim ? ['-c', '3'] : ['-c', '2', '-n', '7'];
  return [
    ...(nice ? [nice, '-n', String(level)] : []),
    // A container may not be let choose: then it goes on without (-t).
    ...(ionice ? [ionice, '-t', ...disk] : []),
  ];
}

function findTools(): NiceTools {
  return { nice: find('nice'), ionice: find('ionice') };
}

function find(name: string): string | null {
  return folders.map((folder) => `${folder}/${name}`).find((place) => existsSync(place)) ?? null;
}
