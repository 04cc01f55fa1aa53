import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const places = ['/usr/bin/setpriv', '/bin/setpriv', '/usr/local/bin/setpriv'];
const options = ['--pdeathsig', 'KILL', '--'];
let found: readonly string[] | undefined;

/**
 * The words before a command that make the kernel end it together with this process, even after kill -9; empty
 * where the system has no such program. Looked up once.
 */
export function parentDeathGuard(): readonly string[] {
  found ??=
    places
      .filter((place) => existsSync(place))
      .map((place) => [place, ...options])
      .find(works) ?? [];
  return found;
}

/** Small systems have a setpriv that does not know the option. */
function works([program = '', ...args]: readonly string[]): boolean {
  return spawnSync(program, [...args, '/bin/true'], { stdio: 'ignore', timeout: 5_000 }).status === 0;
}
