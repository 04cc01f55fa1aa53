import { access } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { run } from '../../run.js';
import { acceleratorPath } from './acceleratorPath.js';

/** The environment in which pg_dump compresses by the accelerator. */
export function preloading(accelerator: string): Record<string, string> {
  return { LD_PRELOAD: accelerator };
}

/** The accelerator where it was built and this pg_dump can load it, else null. */
export async function findAccelerator(pgDump: string): Promise<string | null> {
  // The loader takes both for the end of a path.
  if (/[\s:]/.test(acceleratorPath)) return null;
  try {
    await access(acceleratorPath);
    const signal = AbortSignal.timeout(10_000);
    const tried = run({ program: pgDump, args: ['--version'], env: preloading(acceleratorPath), signal });
    const [said, { code, stderrTail }] = await Promise.all([text(tried.stdout), tried.exit]);
    // The loader complains of what it cannot load, and goes on without it.
    return code === 0 && stderrTail === '' && said !== '' ? acceleratorPath : null;
  } catch {
    return null;
  }
}
