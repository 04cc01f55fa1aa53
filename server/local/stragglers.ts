import { readdir, readFile } from 'node:fs/promises';
import { parseSession } from './processIdentity.js';

/**
 * The processes of a session whose leader is gone and that were started with this HOLDFAST_DATA: what a killed service
 * left behind. Empty where the system does not tell (other than Linux).
 */
export async function findStragglers(leader: number, dataFolder: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const stragglers: number[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === leader) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    if (parseSession(stat) !== leader) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(`HOLDFAST_DATA=${dataFolder}`)) stragglers.push(pid);
  }
  return stragglers;
}
