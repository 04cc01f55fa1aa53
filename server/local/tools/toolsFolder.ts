import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const UNFINISHED = '.installing-';
const UNFINISHED_IS_ABANDONED_MS = 24 * 60 * 60 * 1000;

/**
 * Where fetched programs may lie, best first: the user's cache folder, shared by all data folders, then the data
 * folder's own.
 */
export function toolsFolders(dataTools: string, env: NodeJS.ProcessEnv): string[] {
  const configured = env['XDG_CACHE_HOME'];
  const cache =
    configured !== undefined && path.isAbsolute(configured) ? configured : path.join(os.homedir(), '.cache');
  return [path.join(cache, 'holdfast', 'tools'), dataTools];
}

/** Makes the folder where it is missing and tells whether programs can be put there. */
export async function isUsable(folder: string): Promise<boolean> {
  try {
    const made = await mkdir(folder, { recursive: true });
    if (made !== undefined) await chmod(folder, 0o755);
    await access(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Fills `<folder>/<name>` by `fill`, in one step: the name appears only when `fill` is done, so that a cut-off install
 * is never taken for a good one. Of several that do it at once the first wins and the others use its result.
 * What is under the name already and is not good (`isGood`) is replaced.
 */
export async function installInto(
  folder: string,
  name: string,
  isGood: (target: string) => Promise<boolean>,
  fill: (workFolder: string, result: string) => Promise<void>,
): Promise<string> {
  await removeAbandoned(folder);
  const work = await mkdtemp(path.join(folder, UNFINISHED));
  const target = path.join(folder, name);
  try {
    const result = path.join(work, 'result');
    await mkdir(result);
    await fill(work, result);
    if (await isGood(target)) return target;
    await rename(target, path.join(work, 'replaced')).catch(() => undefined);
    await rename(result, target).catch((error: unknown) => {
      if (!isThere(error)) throw error;
    });
    return target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function isThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST');
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const abandoned = path.join(folder, name);
    const status = await stat(abandoned).catch(() => undefined);
    if (status !== undefined && Date.now() - status.mtimeMs > UNFINISHED_IS_ABANDONED_MS) {
      await rm(abandoned, { recursive: true, force: true });
    }
  }
}
