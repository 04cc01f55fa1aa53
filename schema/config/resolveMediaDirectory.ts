import { realpath } from 'node:fs/promises';
import { mediaDirectoryProblem, type MediaRoots } from './mediaRoots.js';

/**
 * A media folder with its links resolved, and why it may not be used, or null where it may. A folder that is not
 * there stays as written: that it is missing is told by whoever reads it.
 */
export async function resolveMediaDirectory(
  directory: string,
  allowed: MediaRoots,
): Promise<{ resolved: string; problem: string | null }> {
  const asWritten = mediaDirectoryProblem(directory, allowed);
  if (asWritten) return { resolved: directory, problem: asWritten };
  const resolved = await realpath(directory).catch(() => directory);
  return { resolved, problem: mediaDirectoryProblem(resolved, allowed) };
}
