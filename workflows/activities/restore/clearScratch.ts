import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** Removes what workers left in the scratch folder that are no longer there: each has a folder named after its process. */
export async function clearScratch(scratch: string): Promise<void> {
  const names = await readdir(scratch).catch(() => []);
  for (const name of names) {
    if (!/^\d+$/.test(name) || isAlive(Number(name))) continue;
    await rm(path.join(scratch, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error: unknown) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
